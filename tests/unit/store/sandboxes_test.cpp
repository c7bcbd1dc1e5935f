#include "orchestrator/store/sandboxes.hpp"

#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace carrel;
using namespace carrel::store;

namespace {

SandboxRow planned(std::string id) {
  return SandboxRow{.id = std::move(id),
                    .role = "streamer",
                    .state = "planned",
                    .generation = 3,
                    .created_at = 10,
                    .updated_at = 10};
}

}  // namespace

TEST_CASE("the journal follows a sandbox from plan to removal") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  insert_sandbox(db, planned("b1")).value();
  insert_sandbox(db, planned("b2")).value();
  CHECK(insert_sandbox(db, planned("b1")).error().kind == ErrorKind::conflict);

  set_sandbox_container(db, "b1", "c0ffee", 11).value();
  assign_sandbox(db, "b1", "s1", "u1", 12).value();
  set_sandbox_state(db, "b1", "stopping", "oom", 13).value();
  auto rows = load_sandboxes(db).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].container_id == "c0ffee");
  CHECK(rows[0].session_id == "s1");
  CHECK(rows[0].user_id == "u1");
  CHECK(rows[0].generation == 3);
  CHECK(rows[0].updated_at == 13);
  CHECK_FALSE(rows[1].session_id);

  set_sandbox_state(db, "b1", "removed", "", 20).value();
  CHECK(load_sandboxes(db).value().size() == 1);
  auto reason = db.query("SELECT reason FROM sandboxes WHERE id = 'b1'",
                         [](const sqlite::Statement& row) { return row.column_text(0); });
  CHECK(reason.value().at(0) == "oom");

  forget_removed_sandboxes(db, 20).value();
  CHECK(insert_sandbox(db, planned("b1")).has_error());
  forget_removed_sandboxes(db, 21).value();
  insert_sandbox(db, planned("b1")).value();
  forget_sandbox(db, "b1").value();
  CHECK(load_sandboxes(db).value().size() == 1);
}

TEST_CASE("what the journal does not know is an error") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  CHECK(set_sandbox_state(db, "b9", "ready", "", 1).error().kind == ErrorKind::not_found);
  CHECK(set_sandbox_container(db, "b9", "c", 1).error().kind == ErrorKind::not_found);
  CHECK(assign_sandbox(db, "b9", "s", "u", 1).error().kind == ErrorKind::not_found);
  CHECK(forget_sandbox(db, "b9").has_value());
}
