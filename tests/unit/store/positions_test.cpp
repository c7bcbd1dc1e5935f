#include "orchestrator/store/positions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "fixture.hpp"
#include "orchestrator/store/users.hpp"
#include "orchestrator/store/videos.hpp"

using namespace carrel;
using namespace carrel::store;

namespace {

constexpr std::size_t kMost = 3;

struct People : test::MigratedDatabase {
  People() {
    for (const char* id : {"u1", "u2"}) {
      insert_user(connection(), {.id = id, .name = id, .password_hash = "h", .role = "viewer"}).value();
    }
    for (const char* id : {"v1", "v2", "v3", "v4", "v5"}) {
      const FoundFile file{.root = "/films", .path = id, .size = 5, .mtime_ns = 7, .title = id};
      upsert_video(connection(), file, id, 1).value();
    }
  }
};

}  // namespace

TEST_CASE("the last position of a user in a film is kept") {
  People database;
  auto& db = database.connection();
  CHECK_FALSE(find_position(db, "u1", "v1").value());
  save_position(db, {"u1", "v1", 10, 100}, kMost).value();
  save_position(db, {"u1", "v1", 20, 101}, kMost).value();
  save_position(db, {"u1", "v2", 30, 102}, kMost).value();
  save_position(db, {"u2", "v1", 40, 103}, kMost).value();
  CHECK(find_position(db, "u1", "v1").value() == 20);
  CHECK(load_positions(db, "u1").value() == Positions{{"v1", 20}, {"v2", 30}});
  delete_position(db, "u1", "v1").value();
  delete_position(db, "u1", "v1").value();
  CHECK(load_positions(db, "u1").value() == Positions{{"v2", 30}});
  CHECK(load_positions(db, "u2").value() == Positions{{"v1", 40}});
}

TEST_CASE("beyond the bound those written longest ago go, of that user alone") {
  People database;
  auto& db = database.connection();
  save_position(db, {"u2", "v5", 9, 1}, kMost).value();
  const std::vector<std::pair<std::string, std::int64_t>> writes{
      {"v1", 10}, {"v2", 11}, {"v3", 12}, {"v1", 13}};
  for (const auto& [video, at] : writes) save_position(db, {"u1", video, 5, at}, kMost).value();
  CHECK(load_positions(db, "u1").value().size() == kMost);
  // In the same second as the one before it, and it is the one that was written.
  save_position(db, {"u1", "v4", 5, 13}, kMost).value();
  CHECK(load_positions(db, "u1").value() == Positions{{"v1", 5}, {"v3", 5}, {"v4", 5}});
  CHECK(load_positions(db, "u2").value() == Positions{{"v5", 9}});
}

TEST_CASE("positions go with their user, and none is kept of who or what is not there") {
  People database;
  auto& db = database.connection();
  CHECK(save_position(db, {"nobody", "v1", 5, 1}, kMost).error().kind == ErrorKind::conflict);
  CHECK(save_position(db, {"u1", "nothing", 5, 1}, kMost).error().kind == ErrorKind::conflict);
  save_position(db, {"u1", "v1", 5, 1}, kMost).value();
  save_position(db, {"u2", "v1", 6, 1}, kMost).value();
  delete_user(db, "u1").value();
  CHECK(load_positions(db, "u1").value().empty());
  CHECK(load_positions(db, "u2").value() == Positions{{"v1", 6}});
}
