#include "orchestrator/store/sandboxes.hpp"

namespace carrel::store {
namespace {

std::optional<std::string> text_or_none(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

Result<void> touched_one(sqlite::Connection& db, std::string_view id) {
  if (db.changes() == 1) return {};
  return make_error(ErrorKind::not_found, "the journal knows no sandbox " + std::string(id));
}

SandboxRow row_from(const sqlite::Statement& row) {
  return SandboxRow{.id = row.column_text(0),
                    .session_id = text_or_none(row.column_text(1)),
                    .user_id = text_or_none(row.column_text(2)),
                    .container_id = row.column_text(3),
                    .role = row.column_text(4),
                    .state = row.column_text(5),
                    .reason = row.column_text(6),
                    .generation = row.column_int(7),
                    .created_at = row.column_int(8),
                    .updated_at = row.column_int(9)};
}

}  // namespace

Result<void> insert_sandbox(sqlite::Connection& db, const SandboxRow& sandbox) {
  return db.run(
      "INSERT INTO sandboxes (id, session_id, user_id, container_id, role, state, reason, generation, "
      "created_at, "
      "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      sandbox.id, sandbox.session_id, sandbox.user_id, sandbox.container_id, sandbox.role, sandbox.state,
      sandbox.reason, sandbox.generation, sandbox.created_at, sandbox.updated_at);
}

Result<void> set_sandbox_state(sqlite::Connection& db, std::string_view id, std::string_view state,
                               std::string_view reason, std::int64_t now) {
  auto done = db.run(
      "UPDATE sandboxes SET state = ?1, reason = CASE ?2 WHEN '' THEN reason ELSE ?2 END, updated_at = ?3 "
      "WHERE id = ?4",
      state, reason, now, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<void> set_sandbox_container(sqlite::Connection& db, std::string_view id, std::string_view container_id,
                                   std::int64_t now) {
  auto done =
      db.run("UPDATE sandboxes SET container_id = ?, updated_at = ? WHERE id = ?", container_id, now, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<void> assign_sandbox(sqlite::Connection& db, std::string_view id, std::string_view session_id,
                            std::string_view user_id, std::int64_t now) {
  auto done = db.run("UPDATE sandboxes SET session_id = ?, user_id = ?, updated_at = ? WHERE id = ?",
                     session_id, user_id, now, id);
  if (!done) return done;
  return touched_one(db, id);
}

Result<std::vector<SandboxRow>> load_sandboxes(sqlite::Connection& db) {
  return db.query(
      "SELECT id, session_id, user_id, container_id, role, state, reason, generation, created_at, updated_at "
      "FROM sandboxes WHERE state <> 'removed' ORDER BY id",
      row_from);
}

Result<std::optional<SandboxRow>> find_sandbox(sqlite::Connection& db, std::string_view id) {
  auto rows = db.query(
      "SELECT id, session_id, user_id, container_id, role, state, reason, generation, created_at, updated_at "
      "FROM sandboxes WHERE id = ?",
      row_from, id);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<SandboxRow>();
  return std::optional(std::move(rows->front()));
}

Result<void> forget_sandbox(sqlite::Connection& db, std::string_view id) {
  return db.run("DELETE FROM sandboxes WHERE id = ?", id);
}

Result<void> forget_removed_sandboxes(sqlite::Connection& db, std::int64_t before) {
  return db.run("DELETE FROM sandboxes WHERE state = 'removed' AND updated_at < ?", before);
}

}  // namespace carrel::store
