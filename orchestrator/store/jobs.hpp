#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of what is to be made of films in the background. Run inside Store::read or write.
namespace carrel::store {

enum class JobState { waiting, running, done, failed, cancelled };
inline constexpr std::int64_t kWholeJob = 1'000'000;  ///< JobRow::progress of one that is done

struct JobRow {
  std::string id;
  std::string video;
  std::string kind;     ///< "convert"
  std::string quality;  ///< of a convert job: the variant's name
  std::int64_t film_size = 0;
  std::int64_t film_mtime_ns = 0;
  JobState state = JobState::waiting;
  std::int64_t priority = 0;    ///< higher ones first
  std::int64_t progress = 0;    ///< of kWholeJob
  std::int64_t tries = 0;       ///< that failed
  std::string reason;           ///< why it failed, was cancelled, or waits; for people
  std::string asked_by;         ///< empty: Carrel by itself
  std::int64_t not_before = 0;  ///< seconds since 1970
  std::int64_t created_at = 0;
  std::optional<std::int64_t> started_at;
  std::optional<std::int64_t> ended_at;
  bool operator==(const JobRow&) const = default;
};

[[nodiscard]] std::string_view to_string(JobState state);

/// 0 to 1.
[[nodiscard]] double share_done(const JobRow& job);

/// By age. What was running when an earlier daemon ended is still called so.
[[nodiscard]] Result<std::vector<JobRow>> load_jobs(sqlite::Connection& db);

/// Writes the whole row, new or known. ErrorKind::conflict: another job makes the same.
[[nodiscard]] Result<void> save_job(sqlite::Connection& db, const JobRow& job);

[[nodiscard]] Result<void> delete_job(sqlite::Connection& db, std::string_view id);

}  // namespace carrel::store
