#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of films. Run inside Store::read or write. Every update of an id that is not there is
/// ErrorKind::not_found.
namespace carrel::store {

enum class VideoState { waiting, indexing, ready, failed };

struct VideoRow {
  std::string id;
  std::string root;           ///< the library directory, absolute
  std::string path;           ///< relative to root; any bytes but NUL, not necessarily UTF-8
  std::int64_t size = 0;      ///< bytes
  std::int64_t mtime_ns = 0;  ///< nanoseconds since 1970
  std::string title;
  VideoState state = VideoState::waiting;
  std::string summary;  ///< JSON of what the index says; empty until ready
  std::string reason;   ///< why it failed or cannot be played; for people
  std::int64_t index_error_count = 0;
  std::int64_t added_at = 0;  ///< seconds since 1970
  std::string sidecars;       ///< files beside it that the index was made with, as the library wrote them
};

struct FoundFile {
  std::string root;
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::string title;
  std::string sidecars{};
};

/// Every film that is not removed, in the order in which they were added.
[[nodiscard]] Result<std::vector<VideoRow>> load_videos(sqlite::Connection& db);

/// Notes a file that a scan found and returns its row. One that is new (then with the id `new_id`), or of
/// which size or modification time changed, is waiting for its index again. One that had been removed comes
/// back under its old id.
[[nodiscard]] Result<VideoRow> upsert_video(sqlite::Connection& db, const FoundFile& file,
                                            std::string_view new_id, std::int64_t now);

/// The file is gone; the row stays, so that the same file gets the same id when it comes back.
[[nodiscard]] Result<void> mark_video_removed(sqlite::Connection& db, std::string_view id, std::int64_t now);

/// Ids of those that were removed before `time`, and did not come back.
[[nodiscard]] Result<std::vector<std::string>> removed_videos(sqlite::Connection& db, std::int64_t time);

/// Sets the state and the reason; `failed` also counts one more index error.
[[nodiscard]] Result<void> set_video_state(sqlite::Connection& db, std::string_view id, VideoState state,
                                           std::string_view reason);

/// The index is made: state ready, the summary, the reason why it can still not be played, if any, and the
/// files beside it that went into the index.
[[nodiscard]] Result<void> set_video_summary(sqlite::Connection& db, std::string_view id,
                                             std::string_view summary, std::string_view reason,
                                             std::string_view sidecars = {});

/// What was being indexed when the daemon ended waits again. For the start.
[[nodiscard]] Result<void> requeue_interrupted_videos(sqlite::Connection& db);

}  // namespace carrel::store
