#include "orchestrator/store/positions.hpp"

#include <utility>

namespace carrel::store {

Result<Positions> load_positions(sqlite::Connection& db, std::string_view user_id) {
  auto rows = db.query(
      "SELECT video, seconds FROM positions WHERE user_id = ?",
      [](const sqlite::Statement& row) { return std::pair(row.column_text(0), row.column_int(1)); }, user_id);
  if (!rows) return rows.error();
  return Positions(rows->begin(), rows->end());
}

Result<std::optional<std::int64_t>> find_position(sqlite::Connection& db, std::string_view user_id,
                                                  std::string_view video) {
  auto rows = db.query(
      "SELECT seconds FROM positions WHERE user_id = ? AND video = ?",
      [](const sqlite::Statement& row) { return row.column_int(0); }, user_id, video);
  if (!rows) return rows.error();
  return rows->empty() ? std::optional<std::int64_t>() : rows->front();
}

Result<void> save_position(sqlite::Connection& db, const PositionRow& position, std::size_t most) {
  auto moved = db.run("UPDATE positions SET seconds = ?3, updated_at = ?4 WHERE user_id = ?1 AND video = ?2",
                      position.user_id, position.video, position.seconds, position.updated_at);
  // Only a new row makes the table longer.
  if (!moved || db.changes() > 0) return moved;
  auto added = db.run("INSERT INTO positions (user_id, video, seconds, updated_at) VALUES (?, ?, ?, ?)",
                      position.user_id, position.video, position.seconds, position.updated_at);
  if (!added) return added;
  return db.run(
      "DELETE FROM positions WHERE user_id = ?1 AND video IN (SELECT video FROM positions "
      "WHERE user_id = ?1 ORDER BY video = ?2 DESC, updated_at DESC LIMIT -1 OFFSET ?3)",
      position.user_id, position.video, static_cast<std::int64_t>(most));
}

Result<void> delete_position(sqlite::Connection& db, std::string_view user_id, std::string_view video) {
  return db.run("DELETE FROM positions WHERE user_id = ? AND video = ?", user_id, video);
}

}  // namespace carrel::store
