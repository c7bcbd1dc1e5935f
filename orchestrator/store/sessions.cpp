#include "orchestrator/store/sessions.hpp"

namespace carrel::store {

Result<void> insert_session(sqlite::Connection& db, const SessionRow& session) {
  return db.run(
      "INSERT INTO sessions (id, user_id, secret_hash, created_at, last_seen, expires_at, address) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      session.id, session.user_id, session.secret_hash, session.created_at, session.last_seen,
      session.expires_at, session.address);
}

Result<std::vector<SessionOfUser>> load_sessions(sqlite::Connection& db) {
  return db.query(
      "SELECT s.id, s.user_id, s.secret_hash, s.created_at, s.last_seen, s.expires_at, s.address, u.name, "
      "u.role, "
      "u.limit_sessions, u.limit_streams, u.limit_memory, u.limit_millicpus, u.limit_bandwidth "
      "FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.disabled = 0 ORDER BY s.id",
      [](const sqlite::Statement& row) {
        return SessionOfUser{.session = {.id = row.column_text(0),
                                         .user_id = row.column_text(1),
                                         .secret_hash = row.column_text(2),
                                         .created_at = row.column_int(3),
                                         .last_seen = row.column_int(4),
                                         .expires_at = row.column_int(5),
                                         .address = row.column_text(6)},
                             .user_name = row.column_text(7),
                             .role = row.column_text(8),
                             .limits = {.sessions = row.column_optional_int(9),
                                        .streams = row.column_optional_int(10),
                                        .memory = row.column_optional_int(11),
                                        .millicpus = row.column_optional_int(12),
                                        .bandwidth = row.column_optional_int(13)}};
      });
}

Result<void> set_session_seen(sqlite::Connection& db, std::string_view id, std::int64_t last_seen) {
  return db.run("UPDATE sessions SET last_seen = ? WHERE id = ?", last_seen, id);
}

Result<void> delete_session(sqlite::Connection& db, std::string_view id) {
  return db.run("DELETE FROM sessions WHERE id = ?", id);
}

Result<void> delete_sessions_of(sqlite::Connection& db, std::string_view user_id) {
  return db.run("DELETE FROM sessions WHERE user_id = ?", user_id);
}

}  // namespace carrel::store
