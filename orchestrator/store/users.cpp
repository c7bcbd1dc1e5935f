#include "orchestrator/store/users.hpp"

namespace carrel::store {
namespace {

UserRow read_user(const sqlite::Statement& row) {
  return UserRow{.id = row.column_text(0),
                 .name = row.column_text(1),
                 .password_hash = row.column_text(2),
                 .role = row.column_text(3),
                 .disabled = row.column_int(4) != 0,
                 .created_at = row.column_int(5),
                 .limits = {.sessions = row.column_optional_int(6),
                            .streams = row.column_optional_int(7),
                            .memory = row.column_optional_int(8),
                            .millicpus = row.column_optional_int(9),
                            .bandwidth = row.column_optional_int(10)}};
}

Result<bool> exists(sqlite::Connection& db, std::string_view sql) {
  auto rows = db.query(sql, [](const sqlite::Statement& row) { return row.column_int(0); });
  if (!rows) return rows.error();
  return rows->at(0) != 0;
}

}  // namespace

Result<void> insert_user(sqlite::Connection& db, const UserRow& user) {
  return db.run(
      "INSERT INTO users (id, name, password_hash, role, disabled, created_at, limit_sessions, "
      "limit_streams, "
      "limit_memory, limit_millicpus, limit_bandwidth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      user.id, user.name, user.password_hash, user.role, std::int64_t{user.disabled}, user.created_at,
      user.limits.sessions, user.limits.streams, user.limits.memory, user.limits.millicpus,
      user.limits.bandwidth);
}

Result<std::optional<UserRow>> find_user(sqlite::Connection& db, std::string_view name) {
  auto rows = db.query(
      "SELECT id, name, password_hash, role, disabled, created_at, limit_sessions, limit_streams, "
      "limit_memory, limit_millicpus, limit_bandwidth FROM users WHERE name = ?",
      read_user, name);
  if (!rows) return rows.error();
  return rows->empty() ? std::optional<UserRow>() : std::move(rows->front());
}

Result<std::vector<UserRow>> load_users(sqlite::Connection& db) {
  return db.query(
      "SELECT id, name, password_hash, role, disabled, created_at, limit_sessions, limit_streams, "
      "limit_memory, limit_millicpus, limit_bandwidth FROM users ORDER BY name",
      read_user);
}

Result<void> update_user(sqlite::Connection& db, const UserRow& user) {
  return db.run(
      "UPDATE users SET password_hash = ?, role = ?, disabled = ?, limit_sessions = ?, limit_streams = ?, "
      "limit_memory = ?, limit_millicpus = ?, limit_bandwidth = ? WHERE id = ?",
      user.password_hash, user.role, std::int64_t{user.disabled}, user.limits.sessions, user.limits.streams,
      user.limits.memory, user.limits.millicpus, user.limits.bandwidth, user.id);
}

Result<void> delete_user(sqlite::Connection& db, std::string_view id) {
  return db.run("DELETE FROM users WHERE id = ?", id);
}

Result<bool> has_admin(sqlite::Connection& db) {
  return exists(db, "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')");
}

Result<bool> has_enabled_admin(sqlite::Connection& db) {
  return exists(db, "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0)");
}

}  // namespace carrel::store
