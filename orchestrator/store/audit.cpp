#include "orchestrator/store/audit.hpp"

namespace carrel::store {

Result<void> append_event(sqlite::Connection& db, const Event& event) {
  auto appended = db.run("INSERT INTO events (at, actor, action, object, detail) VALUES (?, ?, ?, ?, ?)",
                         event.at, event.actor, event.action, event.object, event.detail);
  if (!appended) return appended;
  // Strangers cause events too (failed logins), so the table is bounded here and not by a timer.
  return db.run("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", max_events);
}

Result<std::vector<Event>> find_events(sqlite::Connection& db, const EventQuery& query) {
  return db.query(
      "SELECT id, at, actor, action, object, detail FROM events WHERE at >= coalesce(?1, at) AND "
      "id < coalesce(?2, id + 1) AND actor = coalesce(?3, actor) AND action = coalesce(?4, action) AND "
      "object = coalesce(?5, object) ORDER BY id DESC LIMIT ?6",
      [](const sqlite::Statement& row) {
        return Event{.id = row.column_int(0),
                     .at = row.column_int(1),
                     .actor = row.column_text(2),
                     .action = row.column_text(3),
                     .object = row.column_text(4),
                     .detail = row.column_text(5)};
      },
      query.since, query.before, query.actor, query.action, query.object, query.limit);
}

Result<void> trim_events(sqlite::Connection& db, std::int64_t before) {
  return db.run("DELETE FROM events WHERE at < ?", before);
}

}  // namespace carrel::store
