#include "orchestrator/store/jobs.hpp"

#include <array>
#include <stdexcept>

namespace carrel::store {
namespace {

constexpr std::array<std::string_view, 5> kStates{"waiting", "running", "done", "failed", "cancelled"};

JobState state_of(std::string_view name) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<JobState>(i);
  }
  throw std::logic_error("the table jobs holds a state that its constraint forbids");
}

JobRow read_row(const sqlite::Statement& row) {
  return JobRow{.id = row.column_text(0),
                .video = row.column_text(1),
                .kind = row.column_text(2),
                .quality = row.column_text(3),
                .film_size = row.column_int(4),
                .film_mtime_ns = row.column_int(5),
                .state = state_of(row.column_text(6)),
                .priority = row.column_int(7),
                .progress = row.column_int(8),
                .tries = row.column_int(9),
                .reason = row.column_text(10),
                .asked_by = row.column_text(11),
                .not_before = row.column_int(12),
                .created_at = row.column_int(13),
                .started_at = row.column_optional_int(14),
                .ended_at = row.column_optional_int(15)};
}

}  // namespace

std::string_view to_string(JobState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

double share_done(const JobRow& job) {
  return static_cast<double>(job.progress) / static_cast<double>(kWholeJob);
}

Result<std::vector<JobRow>> load_jobs(sqlite::Connection& db) {
  return db.query(
      "SELECT id, video, kind, quality, film_size, film_mtime_ns, state, priority, progress, tries, reason, "
      "asked_by, not_before, created_at, started_at, ended_at FROM jobs ORDER BY created_at, id",
      read_row);
}

Result<void> save_job(sqlite::Connection& db, const JobRow& job) {
  return db.run(
      "INSERT INTO jobs (id, video, kind, quality, film_size, film_mtime_ns, state, priority, progress, "
      "tries, reason, asked_by, not_before, created_at, started_at, ended_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET film_size = excluded.film_size, film_mtime_ns = "
      "excluded.film_mtime_ns, state = excluded.state, priority = excluded.priority, progress = "
      "excluded.progress, tries = excluded.tries, reason = excluded.reason, asked_by = excluded.asked_by, "
      "not_before = excluded.not_before, created_at = excluded.created_at, started_at = "
      "excluded.started_at, ended_at = excluded.ended_at",
      job.id, job.video, job.kind, job.quality, job.film_size, job.film_mtime_ns, to_string(job.state),
      job.priority, job.progress, job.tries, job.reason, job.asked_by, job.not_before, job.created_at,
      job.started_at, job.ended_at);
}

Result<void> delete_job(sqlite::Connection& db, std::string_view id) {
  return db.run("DELETE FROM jobs WHERE id = ?", id);
}

}  // namespace carrel::store
