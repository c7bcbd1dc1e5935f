#include "orchestrator/store/admin_tokens.hpp"

namespace carrel::store {

Result<std::vector<AdminTokenRow>> load_admin_tokens(sqlite::Connection& db) {
  return db.query(
      "SELECT name, secret_hash, created_by, created_at, expires_at FROM admin_tokens ORDER BY name",
      [](const sqlite::Statement& row) {
        return AdminTokenRow{.name = row.column_text(0),
                             .secret_hash = row.column_text(1),
                             .created_by = row.column_text(2),
                             .created_at = row.column_int(3),
                             .expires_at = row.column_int(4)};
      });
}

Result<void> insert_admin_token(sqlite::Connection& db, const AdminTokenRow& token) {
  return db.run(
      "INSERT INTO admin_tokens (name, secret_hash, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, "
      "?)",
      token.name, token.secret_hash, token.created_by, token.created_at, token.expires_at);
}

Result<void> delete_admin_token(sqlite::Connection& db, std::string_view name) {
  return db.run("DELETE FROM admin_tokens WHERE name = ?", name);
}

}  // namespace carrel::store
