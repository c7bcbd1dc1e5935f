#include <doctest/doctest.h>

#include "fixture.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/sessions.hpp"
#include "orchestrator/store/settings.hpp"
#include "orchestrator/store/users.hpp"

using namespace carrel;
using namespace carrel::store;

namespace {

UserRow user(std::string id, std::string name, std::string role = "viewer") {
  return UserRow{.id = std::move(id), .name = std::move(name), .password_hash = "h", .role = std::move(role)};
}

SessionRow session(std::string id, std::string user_id) {
  return SessionRow{.id = id,
                    .user_id = std::move(user_id),
                    .secret_hash = "hash of " + id,
                    .created_at = 1,
                    .last_seen = 2,
                    .expires_at = 3};
}

}  // namespace

TEST_CASE("settings are replaced") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  CHECK_FALSE(get_setting(db, "key").value());
  set_setting(db, "key", "one").value();
  set_setting(db, "key", "two").value();
  CHECK(get_setting(db, "key").value() == "two");
}

TEST_CASE("user names are unique, whatever is in them") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  const std::string name = "x' OR '1'='1";
  CHECK_FALSE(has_admin(db).value());
  insert_user(db, user("u1", "anna", "admin")).value();
  insert_user(db, user("u2", name)).value();
  CHECK(has_admin(db).value());
  CHECK(insert_user(db, user("u3", "anna")).error().kind == ErrorKind::conflict);
  CHECK(insert_user(db, user("u4", "eve", "root")).error().kind == ErrorKind::conflict);
  const auto found = find_user(db, name).value();
  REQUIRE(found);
  CHECK(found->id == "u2");
  CHECK_FALSE(find_user(db, "' OR 1=1 --").value());
}

TEST_CASE("sessions belong to users and go with them") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  CHECK(insert_session(db, session("s0", "nobody")).error().kind == ErrorKind::conflict);
  insert_user(db, user("u1", "anna")).value();
  insert_user(db, user("u2", "ben", "admin")).value();
  insert_session(db, session("s1", "u1")).value();
  insert_session(db, session("s2", "u2")).value();
  CHECK(insert_session(db, session("s1", "u2")).error().kind == ErrorKind::conflict);
  set_session_seen(db, "s2", 50).value();
  auto all = load_sessions(db).value();
  REQUIRE(all.size() == 2);
  CHECK(all[1].session.last_seen == 50);
  CHECK(all[1].session.secret_hash == "hash of s2");
  CHECK(all[1].user_name == "ben");
  CHECK(all[1].role == "admin");
  delete_session(db, "s2").value();
  delete_session(db, "s2").value();
  CHECK(load_sessions(db).value().size() == 1);
  db.execute("UPDATE users SET disabled = 1 WHERE id = 'u1'").value();
  CHECK(load_sessions(db).value().empty());
  db.execute("DELETE FROM users").value();
  CHECK(db.query("SELECT 1 FROM sessions", [](const sqlite::Statement&) { return 1; }).value().empty());
}

TEST_CASE("the audit trail keeps the newest events") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  constexpr std::int64_t all = 1'000'000;
  const auto fill = [&](std::int64_t from, std::int64_t to, const std::string& who, const std::string& what) {
    db.run(
          "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
          "INSERT INTO events SELECT i, i, ?3, ?4, '', '' FROM n",
          from, to, who, what)
        .value();
  };
  fill(1, max_events, "anna", "login");
  const std::int64_t last = max_events + 2 * max_sandbox_events;
  fill(max_events + 1, last, "carreld", "sandbox_ready");
  for (int i = 0; i < 1000; ++i)
    append_event(db, {.at = 3, .actor = "cleo", .action = "sandbox_kill", .object = "", .detail = ""})
        .value();
  const auto size = [&](EventQuery query) {
    query.limit = all;
    return static_cast<std::int64_t>(find_events(db, query).value().size());
  };
  const std::int64_t own = size({.actor = "carreld"});
  CHECK(own == max_sandbox_events);
  const std::int64_t others = size({}) - own;
  CHECK(others >= max_events);
  CHECK(others < max_events + 256);
  CHECK(size({.actor = "cleo"}) == 1000);
  CHECK(find_events(db, {.actor = "carreld", .limit = 1}).value().front().id == last);
  CHECK(find_events(db, {.limit = 1}).value().size() == 1);
}
