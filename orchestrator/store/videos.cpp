#include "orchestrator/store/videos.hpp"

#include <array>
#include <stdexcept>

namespace carrel::store {
namespace {

constexpr std::array<std::string_view, 4> state_names{"waiting", "indexing", "ready", "failed"};

std::string_view name_of(VideoState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

VideoState state_of(std::string_view name) {
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (state_names[i] == name) return static_cast<VideoState>(i);
  }
  throw std::logic_error("the table videos holds a state that its constraint forbids");
}

VideoRow read_row(const sqlite::Statement& row) {
  return VideoRow{.id = row.column_text(0),
                  .root = row.column_text(1),
                  .path = row.column_text(2),
                  .size = row.column_int(3),
                  .mtime_ns = row.column_int(4),
                  .title = row.column_text(5),
                  .state = state_of(row.column_text(6)),
                  .summary = row.column_text(7),
                  .reason = row.column_text(8),
                  .index_error_count = row.column_int(9),
                  .added_at = row.column_int(10),
                  .sidecars = row.column_text(11)};
}

const std::string columns =
    "id, root, path, size, mtime_ns, title, state, summary, reason, index_error_count, added_at, sidecars";

Result<void> touched_one(sqlite::Connection& db, std::string_view id) {
  if (db.changes() == 1) return {};
  return make_error(ErrorKind::not_found, "the library knows no video " + std::string(id));
}

}  // namespace

Result<std::vector<VideoRow>> load_videos(sqlite::Connection& db) {
  return db.query("SELECT " + columns + " FROM videos WHERE removed_at IS NULL ORDER BY id", read_row);
}

Result<VideoRow> upsert_video(sqlite::Connection& db, const FoundFile& file, std::string_view new_id,
                              std::int64_t now) {
  // The right-hand sides see the old row, so every CASE compares old with new.
  auto rows = db.query(
      "INSERT INTO videos (id, root, path, size, mtime_ns, title, state, added_at, sidecars) "
      "VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?) "
      "ON CONFLICT (root, path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, "
      "title = excluded.title, removed_at = NULL, "
      "state = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN state ELSE 'waiting' "
      "END, "
      "summary = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN summary ELSE '' END, "
      "reason = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN reason ELSE '' END, "
      "index_error_count = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns "
      "THEN index_error_count ELSE 0 END, "
      "sidecars = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN sidecars "
      "ELSE excluded.sidecars END "
      "RETURNING " +
          columns,
      read_row, new_id, file.root, file.path, file.size, file.mtime_ns, file.title, now, file.sidecars);
  if (!rows) return rows.error();
  return std::move(rows->at(0));
}

Result<void> mark_video_removed(sqlite::Connection& db, std::string_view id, std::int64_t now) {
  auto done = db.run("UPDATE videos SET removed_at = ? WHERE id = ?", now, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<std::vector<std::string>> removed_videos(sqlite::Connection& db, std::int64_t time) {
  return db.query(
      "SELECT id FROM videos WHERE removed_at < ? ORDER BY id",
      [](const sqlite::Statement& row) { return row.column_text(0); }, time);
}

Result<void> set_video_state(sqlite::Connection& db, std::string_view id, VideoState state,
                             std::string_view reason) {
  auto done = db.run(
      "UPDATE videos SET state = ?1, reason = ?2, index_error_count = index_error_count + (?1 = 'failed') "
      "WHERE id = ?3",
      name_of(state), reason, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<void> set_video_summary(sqlite::Connection& db, std::string_view id, std::string_view summary,
                               std::string_view reason, std::string_view sidecars) {
  auto done = db.run(
      "UPDATE videos SET state = 'ready', summary = ?, reason = ?, sidecars = ?, index_error_count = 0 "
      "WHERE id = ?",
      summary, reason, sidecars, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<void> requeue_interrupted_videos(sqlite::Connection& db) {
  return db.run("UPDATE videos SET state = 'waiting' WHERE state = 'indexing'");
}

}  // namespace carrel::store
