#include "orchestrator/store/settings.hpp"

namespace carrel::store {

Result<std::optional<std::string>> get_setting(sqlite::Connection& db, std::string_view key) {
  auto rows = db.query(
      "SELECT value FROM settings WHERE key = ?",
      [](const sqlite::Statement& row) { return row.column_text(0); }, key);
  if (!rows) return rows.error();
  return rows->empty() ? std::optional<std::string>() : std::move(rows->front());
}

Result<void> set_setting(sqlite::Connection& db, std::string_view key, std::string_view value) {
  return db.run(
      "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
      "excluded.value",
      key, value);
}

}  // namespace carrel::store
