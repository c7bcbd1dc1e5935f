#include "orchestrator/library/library.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "streamer/protocol/index_version.hpp"

namespace carrel::library {

namespace asio = boost::asio;

namespace {

/// Indexes that a daemon which was killed had begun: they are begun anew, and under other names where the
/// film has changed.
void remove_begun(const std::filesystem::path& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().extension() == ".new") std::filesystem::remove(entry->path(), ignored);
  }
}

}  // namespace

Library::Library(asio::any_io_executor executor, store::Store& store, LibraryOptions options,
                 IndexFilm index_film, LibraryObserver observer)
    : executor_(executor),
      store_(store),
      options_(std::move(options)),
      index_film_(std::move(index_film)),
      observer_(std::move(observer)),
      scan_timer_(executor),
      index_timer_(executor) {
  // Never due: it is woken by cancelling.
  index_timer_.expires_at(std::chrono::steady_clock::time_point::max());
}

asio::awaitable<Result<void>> Library::load() {
  auto work = [](sqlite::Connection& db) -> Result<std::vector<store::VideoRow>> {
    const auto requeued = store::requeue_interrupted_videos(db);
    if (requeued.has_error()) return requeued.error();
    return store::load_videos(db);
  };
  Result<std::vector<store::VideoRow>> rows = co_await store_.write(work);
  if (rows.has_error()) co_return rows.error();
  std::vector<std::string> left;
  for (store::VideoRow& row : *rows) {
    // A folder that is no longer configured is not on offer, but its films keep their ids.
    const bool configured =
        std::ranges::any_of(options_.roots, [&](const auto& root) { return root.string() == row.root; });
    if (configured) {
      put(std::move(row));
    } else {
      left.push_back(row.id);
    }
  }
  auto remove = [left = std::move(left)](sqlite::Connection& db) -> Result<void> {
    for (const std::string& id : left) {
      const auto removed = store::mark_video_removed(db, id, unix_now());
      if (removed.has_error()) return removed;
    }
    return {};
  };
  const Result<void> removed = co_await store_.write(std::move(remove));
  if (removed.has_error()) co_return removed;
  auto clean = [directory = options_.index_directory]() -> Result<void> {
    remove_begun(directory);
    return {};
  };
  const Result<void> cleaned = co_await offload(files_, std::move(clean));
  co_return cleaned;
}

asio::awaitable<Result<std::vector<std::string>>> Library::gone_before(std::int64_t time) {
  auto work = [time](sqlite::Connection& db) { return store::removed_videos(db, time); };
  Result<std::vector<std::string>> ids = co_await store_.read(std::move(work));
  co_return ids;
}

asio::awaitable<Result<void>> Library::remove_index(std::string id) {
  if (find(id)) co_return Result<void>();
  auto work = [path = index_path(id)]() -> Result<void> {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return errno_error("remove the index of a film that is gone", errno);
    return {};
  };
  const Result<void> removed = co_await offload(files_, std::move(work));
  co_return removed;
}

void Library::start() {
  spawn(executor_, scan_loop(), "scanning the library");
  for (std::size_t worker = 0; worker < options_.index_workers; ++worker) {
    spawn(executor_, index_loop(), "indexing films");
  }
}

void Library::stop() {
  stopped_ = true;
  scan_timer_.cancel();
  index_timer_.cancel();
}

void Library::scan_soon() {
  scan_timer_.cancel();
}

std::shared_ptr<const Video> Library::find(std::string_view id) const {
  const auto found = videos_.find(id);
  return found == videos_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Video>> Library::page(std::string_view after, std::size_t limit) const {
  const auto last = find(after);
  auto next = last ? by_title_.upper_bound(last) : by_title_.begin();
  std::vector<std::shared_ptr<const Video>> page;
  for (; next != by_title_.end() && page.size() < limit; ++next) page.push_back(*next);
  return page;
}

std::map<VideoState, std::size_t> Library::count_by_state() const {
  std::map<VideoState, std::size_t> counts{
      {VideoState::waiting, 0}, {VideoState::indexing, 0}, {VideoState::ready, 0}, {VideoState::failed, 0}};
  for (const auto& [id, video] : videos_) ++counts[video->row.state];
  return counts;
}

namespace {

// Most films are read within that.
constexpr std::chrono::seconds kRemakeTime{5};

std::chrono::seconds wait_for_index(const Video& video) {
  const auto now = std::chrono::steady_clock::now();
  if (video.remake != Video::Remake::none || video.next_remake <= now) return kRemakeTime;
  return std::chrono::ceil<std::chrono::seconds>(video.next_remake - now) + kRemakeTime;
}

}  // namespace

asio::awaitable<Result<OpenFilm>> Library::open(std::shared_ptr<const Video> video, bool with_index) {
  auto work = [root = video->row.root, path = video->row.path, size = video->row.size,
               mtime = video->row.mtime_ns,
               index = with_index ? index_path(video->row.id).string() : std::string(),
               made = video->index_made, wait = wait_for_index(*video)]() -> Result<OpenFilm> {
    OpenFilm open;
    auto film = open_film(root, path);
    if (film.has_error()) return film.error();
    const auto key = key_of(*film);
    if (key.has_error()) return key.error();
    if (*key != FileKey{static_cast<std::uint64_t>(size), mtime}) {
      return make_error(ErrorKind::conflict,
                        "the file has changed since it was looked at; it is being read again");
    }
    open.film = std::move(*film);
    if (index.empty()) return open;
    open.index = UniqueFd(::open(index.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    const bool usable = open.index && ::fstat(open.index.get(), &facts) == 0 && S_ISREG(facts.st_mode);
    if (!usable && (errno == EMFILE || errno == ENFILE)) return errno_error("open the film's index", errno);
    if (!usable) open.index.reset();
    open.foreign_index = usable && !streamer::is_of_this_version(open.index.get());
    const auto identity = identity_of(open.index);
    const bool untouched = identity.has_value() && (!made || *identity == *made);
    open.again = untouched ? wait : kRemakeTime;
    return open;
  };
  Result<OpenFilm> opened = co_await offload(files_, std::move(work));
  if (opened.has_error()) {
    const auto kind = opened.error().kind;
    if (kind == ErrorKind::not_found || kind == ErrorKind::conflict) scan_soon();
  }
  if (opened.has_value() && with_index && !opened->index) {
    const auto known = videos_.find(video->row.id);
    if (known != videos_.end()) want_index(*known->second);
    co_return make_error(ErrorKind::conflict, "its index was lost and is being made again");
  }
  if (opened.has_value() && opened->foreign_index) {
    remake_index(video->row.id);
    co_return make_error(ErrorKind::conflict, "its index is another Carrel's, and is made again");
  }
  co_return opened;
}

void Library::put(store::VideoRow row) {
  auto video = std::make_shared<Video>();
  video->row = std::move(row);
  video->sidecars = video->row.sidecars;
  if (video->row.state == VideoState::ready) {
    auto facts = facts_from_json(video->row.summary);
    if (facts.has_value()) {
      video->facts = std::move(*facts);
    } else {
      video->row.state = VideoState::waiting;
    }
  }
  take_out(video->row.id);
  by_title_.insert(video);
  videos_.emplace(video->row.id, std::move(video));
}

void Library::take_out(const std::string& id) {
  const auto found = videos_.find(id);
  if (found == videos_.end()) return;
  by_title_.erase(found->second);
  videos_.erase(found);
}

std::filesystem::path Library::index_path(const std::string& id) const {
  return options_.index_directory / (id + ".cidx");
}

}  // namespace carrel::library
