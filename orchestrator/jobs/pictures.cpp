#include "orchestrator/jobs/pictures.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kMostPending = 64;
constexpr std::size_t kMostPendingOfSession =
    16;  // a page of posters, and what its viewer looks for meanwhile
constexpr std::uint64_t kMostJpegBytes = 16 << 20;
constexpr std::int64_t kNoteUseEvery = 3600;  // seconds
constexpr std::string_view kEnd = ".jpg";

std::string hex(std::uint64_t value) {
  std::array<char, 17> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, 16);
  return {text.data(), end};
}

/// Of this state of the film: a changed one has other pictures, and the old ones are used no more.
std::string key_of(const store::VideoRow& video, const std::string& name) {
  return video.id + "/" + hex(static_cast<std::uint64_t>(video.size)) + "-" +
         hex(static_cast<std::uint64_t>(video.mtime_ns)) + "-" + name;
}

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Named {
  std::string key;
  std::uint32_t width = 0, height = 0;
};

/// Of "KEY-WIDTHxHEIGHT.jpg".
std::optional<Named> parse_path(std::string_view path) {
  if (!path.ends_with(kEnd)) return std::nullopt;
  path.remove_suffix(kEnd.size());
  const auto dash = path.rfind('-');
  const auto by = path.rfind('x');
  if (dash == std::string_view::npos || by == std::string_view::npos || by < dash) return std::nullopt;
  const auto width = number_in(path.substr(dash + 1, by - dash - 1));
  const auto height = number_in(path.substr(by + 1));
  if (!width || !height) return std::nullopt;
  return Named{std::string(path.substr(0, dash)), *width, *height};
}

Result<std::string> read_whole(const UniqueFd& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno_error("look at a picture", errno);
  if (facts.st_size < 0 || static_cast<std::uint64_t>(facts.st_size) > kMostJpegBytes)
    return make_error(ErrorKind::invalid, "a picture is too large");
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read a picture", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

/// A sandbox wrote it: it is only called a picture if it begins and ends as one.
bool is_jpeg(std::string_view bytes) {
  return bytes.size() > 4 && bytes.starts_with("\xff\xd8\xff") && bytes.ends_with("\xff\xd9");
}

}  // namespace

Pictures::Pictures(asio::any_io_executor executor, library::Library& library, Folder folder,
                   PicturesOptions options, MakePictures make, PicturesObserver observer)
    : executor_(executor),
      library_(library),
      folder_(std::move(folder)),
      options_(options),
      make_(std::move(make)),
      observer_(std::move(observer)),
      failures_(options.pauses),
      makers_(executor, options.at_once),
      timer_(executor) {}

asio::awaitable<Result<void>> Pictures::load() {
  auto work = [folder = folder_]() -> Result<std::vector<FolderEntry>> {
    auto entries = folder.list();
    if (entries.has_error()) return entries;
    for (const FolderEntry& entry : *entries) {
      if (parse_path(entry.path)) continue;
      const auto removed = folder.remove(entry.path);  // begun, and never ended
      if (removed.has_error()) return removed.error();
    }
    return entries;
  };
  const Result<std::vector<FolderEntry>> found = co_await offload(files_, std::move(work));
  if (found.has_error()) co_return found.error();
  for (const FolderEntry& one : *found) {
    const auto named = parse_path(one.path);
    if (!named) continue;
    forget(named->key);
    entries_[named->key] = {one.path, one.bytes, one.changed_at, one.used_at, named->width, named->height};
    bytes_ += one.bytes;
  }
  co_await keep_bound();
  co_return Result<void>();
}

void Pictures::start() {
  if (options_.ahead) spawn(executor_, ahead_loop(), "making posters");
}

void Pictures::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Pictures::wake() {
  timer_.cancel();
}

asio::awaitable<void> Pictures::ahead_loop() {
  while (!stopped_) {
    const bool made = co_await make_one_ahead();
    if (made) continue;
    timer_.expires_after(options_.look);
    auto ignored = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
  }
}

asio::awaitable<bool> Pictures::make_one_ahead() {
  // Those that somebody waits for come first, and what nobody asked for takes nobody's place.
  if (!pending_.empty() || !is_within(9)) co_return false;
  std::shared_ptr<Pending> pending;
  std::string key;
  for (const auto& video : library_.all()) {
    const Film film = film_of(*video);
    if (!film.ready || !film.has_picture) continue;
    const PicturePlan plan = poster_plan(film);
    key = key_of(video->row, plan.name);
    if (entries_.contains(key) || !may_try(key)) continue;
    pending = begin(video, key, plan);
    break;
  }
  if (!pending) co_return false;
  const bool ended = co_await pending->end.wait_until(Clock::time_point::max());
  const bool tried = ended && (entries_.contains(key) || !may_try(key));
  co_return tried;
}

bool Pictures::deserted(const Pending& pending) {
  return !pending.begun && !pending.askers.empty() &&
         std::ranges::all_of(pending.askers, [](const Asker& asker) { return asker.gone && asker.gone(); });
}

/// Those that wait for their turn, and nobody for them.
void Pictures::drop_deserted() {
  for (auto one = pending_.begin(); one != pending_.end();) {
    if (!deserted(*one->second)) {
      ++one;
      continue;
    }
    one->second->end.set(make_error(ErrorKind::busy, "nobody waits for it any more"));
    one = pending_.erase(one);
  }
}

bool Pictures::has_place(const std::string& session) const {
  const auto own = std::ranges::count_if(pending_, [&](const auto& one) {
    return !one.second->askers.empty() && one.second->askers.front().session == session;
  });
  return pending_.size() < kMostPending && static_cast<std::size_t>(own) < kMostPendingOfSession;
}

asio::awaitable<Result<Picture>> Pictures::get(std::shared_ptr<const library::Video> video, PicturePlan plan,
                                               Asker asker) {
  const std::string key = key_of(video->row, plan.name);
  if (!entries_.contains(key)) {
    if (const auto failed = failures_.standing(key, Clock::now())) co_return *failed;
    if (!pending_.contains(key) && !has_place(asker.session)) {
      drop_deserted();
      if (!has_place(asker.session))
        co_return make_error(ErrorKind::busy, "too many pictures are being made");
    }
    const auto pending = begin(video, key, plan);
    pending->askers.push_back(std::move(asker));
    const auto deadline = Clock::now() + options_.wait;
    const bool ended = co_await pending->end.wait_until(deadline);
    if (!ended) co_return make_error(ErrorKind::busy, "the picture is being made");
    const Result<void>& made = *pending->end.value();
    if (made.has_error()) co_return Failures::told(made.error());
  }
  Result<Picture> picture = co_await read(key);
  co_return picture;
}

bool Pictures::has(const store::VideoRow& video, const std::string& name) const {
  return entries_.contains(key_of(video, name));
}

std::shared_ptr<Pictures::Pending> Pictures::begin(const std::shared_ptr<const library::Video>& video,
                                                   const std::string& key, const PicturePlan& plan) {
  const auto known = pending_.find(key);
  if (known != pending_.end()) return known->second;
  auto pending = std::make_shared<Pending>(executor_);
  pending_.emplace(key, pending);
  spawn(executor_, make(video, key, plan, pending), "making pictures");
  return pending;
}

asio::awaitable<void> Pictures::make(std::shared_ptr<const library::Video> video, std::string key,
                                     PicturePlan plan, std::shared_ptr<Pending> pending) {
  const Gate::Permit permit = co_await makers_.enter();
  drop_deserted();
  if (pending->end.is_set()) co_return;
  pending->begun = true;
  const auto began = Clock::now();
  Result<void> made = co_await make_file(video, key, plan);
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::string_view result = "made";
  if (made.has_error()) {
    result = made.error().kind == ErrorKind::busy ? "busy" : "failed";
    failures_.note(key, made.error(), Clock::now());
    if (result == "failed" && observer_.on_failed)
      observer_.on_failed(video->row.id, plan.name, made.error().message);
  }
  if (observer_.on_made) observer_.on_made(result, seconds);
  pending_.erase(key);
  pending->end.set(std::move(made));
  co_await keep_bound();
}

asio::awaitable<Result<void>> Pictures::make_file(std::shared_ptr<const library::Video> video,
                                                  std::string key, PicturePlan plan) {
  Result<library::OpenFilm> open = co_await library_.open(video, true);
  if (open.has_error()) co_return make_error(ErrorKind::busy, open.error().message);
  const std::string begun = key + ".new";
  auto prepare = [folder = folder_, begun, leave = options_.leave_free]() -> Result<UniqueFd> {
    const auto free = folder.free_bytes();
    if (free.has_error()) return free.error();
    if (*free < leave) return make_error(ErrorKind::busy, "the disk is too full to make pictures");
    const auto removed = folder.remove(begun);  // what a sandbox that crashed may still have open is not it
    if (removed.has_error()) return removed.error();
    return folder.open_to_write(begun);
  };
  Result<UniqueFd> out = co_await offload(files_, std::move(prepare));
  if (out.has_error()) co_return make_error(ErrorKind::busy, out.error().message);
  Result<protocol::PicturesMade> made =
      co_await make_(std::move(open->film), std::move(open->index), std::move(*out), std::move(plan.request));
  if (made.has_value() && !made->made) {
    const ErrorKind kind = made->may_work_later ? ErrorKind::unavailable : ErrorKind::invalid;
    made = make_error(kind, made->reason.empty() ? "no picture could be made" : made->reason);
  }
  if (made.has_error()) {
    co_await drop(begun);
    co_return made.error();
  }
  const std::string path =
      key + "-" + std::to_string(made->width) + "x" + std::to_string(made->height) + std::string(kEnd);
  auto place = [folder = folder_, begun, path]() -> Result<std::uint64_t> {
    const auto file = folder.open_to_read(begun);
    if (file.has_error()) return file.error();
    const auto bytes = read_whole(*file);
    if (bytes.has_error()) return bytes.error();
    if (!is_jpeg(*bytes)) return make_error(ErrorKind::invalid, "what was made is no picture");
    const auto renamed = folder.rename(begun, path);
    if (renamed.has_error()) return renamed.error();
    return bytes->size();
  };
  const Result<std::uint64_t> size = co_await offload(files_, std::move(place));
  if (size.has_error()) {
    co_await drop(begun);
    co_return size.error();
  }
  forget(key);
  failures_.made(key);
  entries_[key] = {path, *size, unix_now(), unix_now(), made->width, made->height};
  bytes_ += *size;
  co_return Result<void>();
}

asio::awaitable<void> Pictures::drop(std::string begun) {
  auto work = [folder = folder_, begun]() { return folder.remove(begun); };
  const Result<void> dropped = co_await offload(files_, std::move(work));
  if (dropped.has_error() && observer_.on_error) observer_.on_error(dropped.error());
}

asio::awaitable<Result<Picture>> Pictures::read(std::string key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) co_return make_error(ErrorKind::busy, "the picture was just removed");
  const Entry entry = found->second;
  const bool note_use = unix_now() - entry.used_at >= kNoteUseEvery;
  found->second.used_at = unix_now();
  auto work = [folder = folder_, path = entry.path, note_use]() -> Result<std::string> {
    const auto file = folder.open_to_read(path);
    if (file.has_error()) return file.error();
    // For the next daemon; disks are often mounted such that reading does not change it.
    const std::array<timespec, 2> times{timespec{0, UTIME_NOW}, timespec{0, UTIME_OMIT}};
    if (note_use) static_cast<void>(::futimens(file->get(), times.data()));
    return read_whole(*file);
  };
  Result<std::string> bytes = co_await offload(files_, std::move(work));
  if (bytes.has_error()) {
    // Only one that is gone is made again: a pool that is full says nothing about the file.
    if (bytes.error().kind == ErrorKind::not_found) forget(key);
    co_return make_error(ErrorKind::busy, bytes.error().message);
  }
  Picture picture;
  picture.tag = key.substr(key.find('/') + 1) + "-" + hex(static_cast<std::uint64_t>(entry.made_at)) + "-" +
                hex(bytes->size());
  picture.jpeg = std::make_shared<const std::string>(std::move(*bytes));
  picture.made_at = entry.made_at;
  picture.width = entry.width;
  picture.height = entry.height;
  co_return picture;
}

}  // namespace carrel::jobs
