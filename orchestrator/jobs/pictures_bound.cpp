// What of pictures goes.
#include <algorithm>
#include <tuple>
#include <utility>

#include "orchestrator/jobs/pictures.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;

namespace {

std::string_view film_of_key(std::string_view key) {
  return key.substr(0, key.find('/'));
}

}  // namespace

bool Pictures::is_within(unsigned tenths) const {
  return bytes_ <= options_.max_bytes - options_.max_bytes / 10 * (10 - tenths) &&
         entries_.size() <= options_.max_count - options_.max_count / 10 * (10 - tenths);
}

std::vector<std::string> Pictures::forget_surplus() {
  std::vector<std::string> paths;
  if (is_within(10)) return paths;
  // Those of films that are not there go first, posters last: every page of the library shows some.
  using Rank = std::tuple<bool, bool, std::int64_t>;
  std::vector<std::pair<Rank, Entries::iterator>> ranked;
  ranked.reserve(entries_.size());
  std::string_view film;
  bool there = false;
  for (auto one = entries_.begin(); one != entries_.end(); ++one) {
    const std::string_view key = one->first;
    if (film_of_key(key) != film) {
      film = film_of_key(key);
      there = library_.find(film) != nullptr;
    }
    ranked.emplace_back(Rank(there, key.ends_with(kPosterName), one->second.used_at), one);
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& one) { return one.first; });
  // A tenth at once, lest each picture that is made be a reason to go through all of them.
  for (const auto& [rank, oldest] : ranked) {
    if (is_within(9)) break;
    paths.push_back(oldest->second.path);
    forget(oldest);
  }
  return paths;
}

asio::awaitable<void> Pictures::keep_bound() {
  std::vector<std::string> paths = forget_surplus();
  if (!paths.empty()) co_await remove_files(std::move(paths));
}

asio::awaitable<void> Pictures::remove_film(std::string video) {
  std::vector<std::string> paths;
  auto found = entries_.lower_bound(video + "/");
  while (found != entries_.end() && film_of_key(found->first) == video) {
    paths.push_back(found->second.path);
    found = forget(found);
  }
  if (!paths.empty()) co_await remove_files(std::move(paths));
}

asio::awaitable<void> Pictures::remove_files(std::vector<std::string> paths) {
  auto work = [folder = folder_, paths = std::move(paths)]() {
    Result<void> all;
    for (const std::string& path : paths) {
      auto removed = folder.remove(path);
      if (removed.has_error()) all = std::move(removed);
    }
    return all;
  };
  const Result<void> removed = co_await offload(files_, std::move(work));
  if (removed.has_error() && observer_.on_error) observer_.on_error(removed.error());
}

void Pictures::forget(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) forget(found);
}

Pictures::Entries::iterator Pictures::forget(Entries::iterator one) {
  bytes_ -= one->second.bytes;
  return entries_.erase(one);
}

}  // namespace carrel::jobs
