// Finding films: the folders are read on a pool, what changed is written in one transaction.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/library/title.hpp"

namespace carrel::library {

namespace asio = boost::asio;

namespace {

// A file written to within this time may still be being copied; it is looked at again after as long.
constexpr std::chrono::seconds kSettle{2};

struct Changes {
  std::vector<store::FoundFile> found;
  std::vector<std::string> removed;  ///< ids
};

bool is_settled(const FileKey& key) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age = now - std::chrono::nanoseconds(key.mtime_ns);
  return age < std::chrono::nanoseconds(0) || age >= kSettle;
}

bool is_settled(const FoundFile& file) {
  return is_settled(file.key) &&
         std::ranges::all_of(file.sidecars, [](const FoundSidecar& one) { return is_settled(one.key); });
}

Result<std::vector<store::VideoRow>> write_changes(sqlite::Connection& db, const Changes& changes) {
  const auto now = unix_now();
  std::vector<store::VideoRow> rows;
  for (const auto& file : changes.found) {
    auto row = store::upsert_video(db, file, sodium::make_uuid_v7(), now);
    if (row.has_error()) return row.error();
    rows.push_back(std::move(*row));
  }
  for (const auto& id : changes.removed) {
    const auto removed = store::mark_video_removed(db, id, now);
    if (removed.has_error()) return removed.error();
  }
  return rows;
}

}  // namespace

asio::awaitable<void> Library::scan_loop() {
  while (!stopped_) {
    const Result<bool> settled = co_await scan_once();
    if (settled.has_error() && observer_.on_error) observer_.on_error(settled.error());
    const bool soon = settled.has_value() && !*settled;
    scan_timer_.expires_after(soon ? kSettle : options_.rescan);
    auto ignored = co_await scan_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
  }
}

asio::awaitable<Result<bool>> Library::scan_once() {
  auto look = [roots = options_.roots]() -> Result<Scan> { return scan(roots); };
  const Result<Scan> seen = co_await offload(files_, std::move(look));
  if (seen.has_error()) co_return seen.error();
  if (observer_.on_scan) observer_.on_scan(*seen);

  using Place = std::pair<std::string, std::string>;
  std::map<Place, Entry> known;
  for (const auto& [id, video] : videos_) known.emplace(Place(video->row.root, video->row.path), video);

  Changes changes;
  bool all_settled = true;
  for (const FoundFile& file : seen->files) {
    const auto found = known.find(Place(file.root, file.path));
    const Entry entry = found == known.end() ? nullptr : found->second;
    if (found != known.end()) known.erase(found);
    const auto size = static_cast<std::int64_t>(file.key.size);
    std::string sidecars = sidecars_to_text(file.sidecars);
    const bool same_film = entry && entry->row.size == size && entry->row.mtime_ns == file.key.mtime_ns;
    if (same_film && entry->sidecars == sidecars) continue;
    if (!is_settled(file)) {
      all_settled = false;
      continue;
    }
    if (same_film) {
      take_sidecars(*entry, std::move(sidecars));
      continue;
    }
    const std::string name = std::filesystem::path(file.path).filename().string();
    changes.found.push_back(
        {file.root, file.path, size, file.key.mtime_ns, title_from(name), std::move(sidecars)});
  }
  for (const auto& [place, video] : known) {
    if (is_gone(*seen, place.first, place.second)) changes.removed.push_back(video->row.id);
  }
  if (changes.found.empty() && changes.removed.empty()) co_return all_settled;

  const auto removed = changes.removed;
  auto write = [changes = std::move(changes)](sqlite::Connection& db) { return write_changes(db, changes); };
  Result<std::vector<store::VideoRow>> rows = co_await store_.write(std::move(write));
  if (rows.has_error()) co_return rows.error();
  // Their indexes stay: a disk that was not mounted for a while brings the same films back.
  for (const auto& id : removed) take_out(id);
  for (store::VideoRow& row : *rows) put(std::move(row));
  index_timer_.cancel();
  co_return all_settled;
}

void Library::take_sidecars(Video& video, std::string sidecars) {
  video.sidecars = std::move(sidecars);
  // The film stays on offer meanwhile. One that is waiting, or being indexed, is looked at again afterwards.
  if (video.row.state != VideoState::ready || video.remake != Video::Remake::none) return;
  if (video.sidecars == video.row.sidecars) return;
  video.remake = Video::Remake::wanted;
  index_timer_.cancel();
}

}  // namespace carrel::library
