#include "orchestrator/store/audit.hpp"

namespace carrel::store {

Result<void> append_event(sqlite::Connection& db, const Event& event) {
  auto appended = db.run("INSERT INTO events (at, actor, action, object, detail) VALUES (?, ?, ?, ?, ?)",
                         event.at, event.actor, event.action, event.object, event.detail);
  if (!appended) return appended;
  // Strangers cause events too (failed logins), so the table is bounded here and not by a timer.
  return db.run("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", max_events);
}

Result<std::vector<Event>> recent_events(sqlite::Connection& db, std::int64_t limit) {
  return db.query(
      "SELECT at, actor, action, object, detail FROM events ORDER BY id DESC LIMIT ?",
      [](const sqlite::Statement& row) {
        return Event{.at = row.column_int(0),
                     .actor = row.column_text(1),
                     .action = row.column_text(2),
                     .object = row.column_text(3),
                     .detail = row.column_text(4)};
      },
      limit);
}

}  // namespace carrel::store
