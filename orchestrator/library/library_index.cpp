// Indexing films: each in a worker sandbox, the result put in place only when it is whole.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "orchestrator/library/library.hpp"
#include "orchestrator/library/sidecars.hpp"
#include "orchestrator/library/title.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::library {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

const std::string kNoReason;

// What failed once may have been the machine's fault; what failed twice is the film's.
constexpr std::int64_t kMaxTries = 2;
constexpr std::chrono::seconds kEngineRetry{5};
constexpr std::chrono::minutes kRemakePause{10};
// Far beyond any film, and far from where sums of times overflow.
constexpr std::uint64_t kMostMicroseconds = 10'000'000'000'000;

struct IndexFiles {
  std::vector<UniqueFd> files;
  protocol::Index request;
};

/// Subtitles beside the film by the same rule as the film; one that has gone is left out.
void add_sidecars(IndexFiles& files, const store::VideoRow& row, std::string_view sidecars) {
  for (const FoundSidecar& sidecar : sidecars_from_text(sidecars)) {
    auto file = open_film(row.root, sidecar.path);
    if (file.has_error()) continue;
    files.files.push_back(std::move(*file));
    files.request.sidecars.push_back(sidecar_of(row.path, sidecar.path));
  }
}

Result<IndexFiles> open_for_index(const store::VideoRow& row, const std::filesystem::path& target,
                                  std::string_view sidecars) {
  auto film = open_film(row.root, row.path);
  if (film.has_error()) return film.error();
  UniqueFd index(
      ::open(target.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!index) return errno_error("make the index file " + target.string(), errno);
  IndexFiles files;
  files.files.push_back(std::move(*film));
  files.files.push_back(std::move(index));
  files.request.extension = extension_of(row.path);
  add_sidecars(files, row, sidecars);
  return files;
}

Result<FileIdentity> identity_at(const std::filesystem::path& path) {
  const UniqueFd index(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!index) return errno_error("open the index " + path.string(), errno);
  return identity_of(index);
}

Result<FileIdentity> put_in_place(const std::filesystem::path& made, const std::filesystem::path& target) {
  if (::rename(made.c_str(), target.c_str()) != 0) return errno_error("put the index in place", errno);
  return identity_at(target);
}

}  // namespace

Library::Entry Library::next_waiting() const {
  for (const auto& [id, video] : videos_) {
    if (video->row.state == VideoState::waiting || video->remake == Video::Remake::wanted) return video;
  }
  return nullptr;
}

asio::awaitable<void> Library::index_loop() {
  while (!stopped_) {
    const Entry video = next_waiting();
    if (video) {
      const bool engine_ok = co_await index_one(video);
      if (engine_ok) continue;
    }
    asio::steady_timer timer(executor_, kEngineRetry);
    if (video) {
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    auto ignored = co_await index_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
  }
}

asio::awaitable<bool> Library::index_one(Entry video) {
  const auto began = Clock::now();
  const bool remaking = video->remake == Video::Remake::wanted;
  if (remaking) {
    video->remake = Video::Remake::running;
  } else {
    const Result<void> marked = co_await save_state(video, VideoState::indexing, kNoReason);
    if (marked.has_error()) {
      video->row.state = VideoState::waiting;
      co_return false;
    }
  }

  const auto made =
      options_.index_directory / (video->row.id + "." + std::to_string(video->row.mtime_ns) + ".new");
  const std::string sidecars = video->sidecars;
  // Where the first try failed the fault may be in a file beside the film, which then plays without them.
  const std::string tried = video->row.index_error_count == 0 ? sidecars : std::string();
  auto open = [row = video->row, made, tried]() { return open_for_index(row, made, tried); };
  Result<IndexFiles> files = co_await offload(files_, std::move(open));
  Result<protocol::Indexed> result = make_error(ErrorKind::internal, "");
  if (files.has_error()) {
    result = files.error();
  } else {
    Result<protocol::Indexed> indexed =
        co_await index_film_(std::move(files->files), std::move(files->request));
    result = std::move(indexed);
  }
  // What is nobody's fault but the machine's (no disk left, no descriptor, no engine) must not fail the film.
  const auto machines_fault = [](ErrorKind kind) {
    return kind == ErrorKind::busy || kind == ErrorKind::internal;
  };
  if (result.has_error() && machines_fault(result.error().kind))
    result = make_error(ErrorKind::busy, result.error().message);
  const Finish finish = co_await finish_index(video, std::move(result), made, sidecars);
  if (video->remake == Video::Remake::running) video->remake = Video::Remake::none;
  // Files beside the film may have changed meanwhile.
  take_sidecars(*video, video->sidecars);
  const bool ended = video->row.state == VideoState::ready || video->row.state == VideoState::failed;
  if (ended && finish == Finish::told && observer_.on_indexed) {
    observer_.on_indexed(*video, std::chrono::duration<double>(Clock::now() - began).count());
  }
  co_return finish != Finish::wait;
}

asio::awaitable<Library::Finish> Library::finish_index(Entry video, Result<protocol::Indexed> result,
                                                       std::filesystem::path made, std::string sidecars) {
  const bool remaking = video->remake == Video::Remake::running;
  if (result.has_error() && result.error().kind == ErrorKind::busy) {
    if (observer_.on_error) observer_.on_error(result.error());
    if (remaking) {
      video->remake = Video::Remake::wanted;
      co_return Finish::wait;
    }
    const Result<void> ignored = co_await save_state(video, VideoState::waiting, kNoReason);
    static_cast<void>(ignored);
    co_return Finish::wait;
  }
  if (result.has_value() && result->duration_us > kMostMicroseconds) {
    result->readable = false;
    result->reason = "Its duration is beyond that of any film.";
  }
  if (result.has_value() && !result->readable) {
    result = make_error(ErrorKind::invalid,
                        result->reason.empty() ? "This is not a film that can be read." : result->reason);
    video->row.index_error_count = kMaxTries;
  }
  if (find(video->row.id) != video) {
    result = make_error(ErrorKind::conflict, "The file changed or went while it was read.");
  }
  if (result.has_value()) {
    auto place = [made, target = index_path(video->row.id)]() { return put_in_place(made, target); };
    const Result<FileIdentity> placed = co_await offload(files_, std::move(place));
    if (placed.has_error()) {
      result = placed.error();
    } else {
      video->index_made = *placed;
      video->index_doubted = false;
    }
  } else {
    auto drop = [made]() -> Result<void> {
      ::unlink(made.c_str());
      return {};
    };
    const Result<void> ignored = co_await offload(files_, std::move(drop));
    static_cast<void>(ignored);
  }
  if (find(video->row.id) != video) co_return Finish::told;
  if (result.has_error()) {
    const bool again = video->row.index_error_count + 1 < kMaxTries;
    if (remaking && !video->index_doubted) {
      if (observer_.on_error) observer_.on_error(result.error());
      keep_index(*video, again, std::move(sidecars));
      co_return Finish::kept;
    }
    const std::string reason = result.error().message;
    const Result<void> failed = co_await save_state(video, VideoState::failed, reason);
    if (failed.has_error() || !again) co_return Finish::told;
    const Result<void> queued = co_await save_state(video, VideoState::waiting, kNoReason);
    static_cast<void>(queued);
    co_return Finish::told;
  }
  video->row.summary = facts_to_json(*result);
  video->row.reason = result->reason;
  video->row.sidecars = std::move(sidecars);
  auto write = [id = video->row.id, summary = video->row.summary, reason = video->row.reason,
                beside = video->row.sidecars](sqlite::Connection& db) {
    return store::set_video_summary(db, id, summary, reason, beside);
  };
  const Result<void> saved = co_await store_.write(std::move(write));
  if (saved.has_error()) {
    if (observer_.on_error) observer_.on_error(saved.error());
    if (remaking) {
      // The new index is in place and the film plays from it; only the row is still to be written.
      video->facts = std::move(*result);
      video->remake = Video::Remake::wanted;
    } else {
      video->row.state = VideoState::waiting;
    }
    co_return Finish::wait;
  }
  video->facts = std::move(*result);
  video->row.state = VideoState::ready;
  video->row.index_error_count = 0;
  co_return Finish::told;
}

void Library::keep_index(Video& video, bool again, std::string sidecars) {
  if (again) {
    ++video.row.index_error_count;
    video.remake = Video::Remake::wanted;
    return;
  }
  video.row.index_error_count = 0;
  video.row.sidecars = std::move(sidecars);
}

asio::awaitable<Result<void>> Library::save_state(Entry video, VideoState state, std::string reason) {
  video->row.state = state;
  video->row.reason = reason;
  if (state == VideoState::failed) ++video->row.index_error_count;
  auto write = [id = video->row.id, state, reason = std::move(reason)](sqlite::Connection& db) {
    return store::set_video_state(db, id, state, reason);
  };
  const Result<void> saved = co_await store_.write(std::move(write));
  co_return saved;
}

void Library::remake_index(const std::string& id) {
  spawn(executor_, look_at_index(id), "looking at an index that is called damaged");
}

asio::awaitable<void> Library::look_at_index(std::string id) {
  auto work = [path = index_path(id)]() { return identity_at(path); };
  const Result<FileIdentity> found = co_await offload(files_, std::move(work));
  const auto known = videos_.find(id);
  if (known == videos_.end()) co_return;
  Video& video = *known->second;
  const bool lost = found.has_error() && found.error().kind == ErrorKind::not_found;
  const bool changed = found.has_value() && video.index_made && *found != *video.index_made;
  if (lost || changed) {
    want_index(video);
    co_return;
  }
  const auto now = Clock::now();
  if (now < video.next_remake) co_return;
  if (want_index(video)) video.next_remake = now + kRemakePause;
}

bool Library::want_index(Video& video) {
  video.index_doubted = true;
  if (video.row.state != VideoState::ready || video.remake != Video::Remake::none) return false;
  video.remake = Video::Remake::wanted;
  index_timer_.cancel();
  return true;
}

}  // namespace carrel::library
