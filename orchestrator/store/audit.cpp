#include "orchestrator/store/audit.hpp"

namespace carrel::store {

namespace {

const std::string kOwn = "(actor = 'carreld' AND action GLOB 'sandbox_*')";
const std::string kOthers = "NOT " + kOwn;

// Counting them takes a while: so many more may be there before they are.
constexpr std::int64_t kCountEvery = 256;

Result<bool> is_time_to_count(sqlite::Connection& db) {
  const auto id =
      db.query("SELECT last_insert_rowid()", [](const sqlite::Statement& row) { return row.column_int(0); });
  if (!id) return id.error();
  return id->front() % kCountEvery == 0;
}

Result<void> keep_newest(sqlite::Connection& db, const std::string& of, std::int64_t count) {
  return db.run("DELETE FROM events WHERE " + of + " AND id <= (SELECT id FROM events WHERE " + of +
                    " ORDER BY id DESC LIMIT 1 OFFSET ?)",
                count);
}

}  // namespace

Result<void> append_event(sqlite::Connection& db, const Event& event) {
  auto appended = db.run("INSERT INTO events (at, actor, action, object, detail) VALUES (?, ?, ?, ?, ?)",
                         event.at, event.actor, event.action, event.object, event.detail);
  if (!appended) return appended;
  // Strangers cause events too (failed logins), so the table is bounded here and not by a timer.
  const auto count = is_time_to_count(db);
  if (!count) return count.error();
  if (!*count) return {};
  // Each viewer's coming and going writes several lines of a sandbox's own: they must not push out the
  // others.
  auto bounded = keep_newest(db, kOwn, max_sandbox_events);
  if (!bounded) return bounded;
  return keep_newest(db, kOthers, max_events);
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
  return db.run("DELETE FROM events WHERE at < ?1 AND (" + kOwn + " OR id <= (SELECT id FROM events WHERE " +
                    kOthers + " ORDER BY id DESC LIMIT 1 OFFSET ?2))",
                before, kept_events);
}

}  // namespace carrel::store
