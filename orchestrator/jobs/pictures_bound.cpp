// What of pictures goes.
#include <algorithm>
#include <tuple>
#include <utility>

#include "orchestrator/jobs/pictures.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kPiece = 64;

std::string_view film_of_key(std::string_view key) {
  return key.substr(0, key.find('/'));
}

}  // namespace

bool Pictures::is_within(unsigned tenths) const {
  return bytes_ <= options_.max_bytes - options_.max_bytes / 10 * (10 - tenths) &&
         entries_.size() <= options_.max_count - options_.max_count / 10 * (10 - tenths);
}

std::vector<std::string> Pictures::in_order_of_going() const {
  // Those of films that are not there go first, posters last: every page of the library shows some.
  using Rank = std::tuple<bool, bool, std::int64_t>;
  std::vector<std::pair<Rank, std::string_view>> ranked;
  ranked.reserve(entries_.size());
  std::string_view film;
  bool there = false;
  for (const auto& [key, entry] : entries_) {
    if (film_of_key(key) != film) {
      film = film_of_key(key);
      there = library_.find(film) != nullptr;
    }
    ranked.emplace_back(Rank(there, key.ends_with(kPosterName), entry.used_at), key);
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& one) { return one.first; });
  std::vector<std::string> keys;
  keys.reserve(ranked.size());
  for (const auto& [rank, key] : ranked) keys.emplace_back(key);
  return keys;
}

asio::awaitable<void> Pictures::keep_bound() {
  if (is_within(10)) co_return;
  const std::vector<std::string> keys = in_order_of_going();
  // A tenth at once, lest each picture that is made be a reason to go through all of them; but piece by
  // piece, for what is forgotten may be asked for again before its file is gone.
  for (auto next = keys.begin(); next != keys.end() && !is_within(9);) {
    Entries piece;
    for (; next != keys.end() && piece.size() < kPiece && !is_within(9); ++next) {
      const auto found = entries_.find(*next);
      if (found == entries_.end()) continue;
      piece.insert(*found);
      forget(found);
    }
    const bool removed = co_await remove_files(piece);
    if (!removed) co_return;
  }
}

asio::awaitable<void> Pictures::remove_film(std::string video) {
  Entries all;
  auto found = entries_.lower_bound(video + "/");
  while (found != entries_.end() && film_of_key(found->first) == video) {
    all.insert(*found);
    found = forget(found);
  }
  const bool removed = co_await remove_files(all);
  static_cast<void>(removed);
}

/// False: there was no time for it, and they stay known.
asio::awaitable<bool> Pictures::remove_files(Entries forgotten) {
  if (forgotten.empty()) co_return true;
  std::vector<std::string> paths;
  paths.reserve(forgotten.size());
  for (const auto& [key, entry] : forgotten) paths.push_back(entry.path);
  auto work = [folder = folder_, paths = std::move(paths)]() {
    Result<void> all;
    for (const std::string& path : paths) {
      auto removed = folder.remove(path);
      if (removed.has_error()) all = std::move(removed);
    }
    return all;
  };
  const Result<void> removed = co_await offload(files_, std::move(work));
  if (removed.has_value()) co_return true;
  if (observer_.on_error) observer_.on_error(removed.error());
  if (removed.error().kind != ErrorKind::busy) co_return true;
  for (auto& [key, entry] : forgotten) {
    const std::uint64_t bytes = entry.bytes;
    if (entries_.emplace(key, std::move(entry)).second) bytes_ += bytes;
  }
  co_return false;
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
