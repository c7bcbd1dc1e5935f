#include "orchestrator/store/users.hpp"

namespace carrel::store {

Result<void> insert_user(sqlite::Connection& db, const UserRow& user) {
  return db.run(
      "INSERT INTO users (id, name, password_hash, role, disabled, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      user.id, user.name, user.password_hash, user.role, std::int64_t{user.disabled}, user.created_at);
}

Result<std::optional<UserRow>> find_user(sqlite::Connection& db, std::string_view name) {
  auto rows = db.query(
      "SELECT id, name, password_hash, role, disabled, created_at FROM users WHERE name = ?",
      [](const sqlite::Statement& row) {
        return UserRow{.id = row.column_text(0),
                       .name = row.column_text(1),
                       .password_hash = row.column_text(2),
                       .role = row.column_text(3),
                       .disabled = row.column_int(4) != 0,
                       .created_at = row.column_int(5)};
      },
      name);
  if (!rows) return rows.error();
  return rows->empty() ? std::optional<UserRow>() : std::move(rows->front());
}

Result<bool> has_admin(sqlite::Connection& db) {
  auto rows = db.query("SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')",
                       [](const sqlite::Statement& row) { return row.column_int(0); });
  if (!rows) return rows.error();
  return rows->at(0) != 0;
}

}  // namespace carrel::store
