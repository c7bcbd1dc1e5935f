#include "orchestrator/store/migrations.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <vector>

#include "fixture.hpp"
#include "orchestrator/store/jobs.hpp"
#include "orchestrator/store/positions.hpp"
#include "orchestrator/store/sandboxes.hpp"
#include "orchestrator/store/sessions.hpp"
#include "orchestrator/store/variants.hpp"
#include "orchestrator/store/videos.hpp"

using namespace carrel;
using store::migrate;
using store::migrations;
using store::test::EmptyDatabase;

namespace {

std::int64_t number(sqlite::Connection& db, std::string_view sql) {
  return db.query(sql, [](const sqlite::Statement& row) { return row.column_int(0); }).value().at(0);
}

/// The parts that hold for several versions.
const std::string first_people = R"sql(
INSERT INTO users VALUES ('u1', 'anna', 'h', 'admin', 0, 100), ('u2', 'ben', 'h', 'viewer', 1, 100);
INSERT INTO sessions VALUES ('s1', 'u1', 'x1', 100, 110, 200), ('s2', 'u2', 'x2', 100, 110, 200);
)sql";
const std::string limited_people = R"sql(
INSERT INTO users VALUES ('u1', 'anna', 'h', 'admin', 0, 100, 3, NULL, NULL, 250, 0),
                         ('u2', 'ben', 'h', 'viewer', 1, 100, NULL, NULL, NULL, NULL, NULL);
INSERT INTO sessions VALUES ('s1', 'u1', 'x1', 100, 110, 200, '192.0.2.1'), ('s2', 'u2', 'x2', 100, 110, 200, '');
)sql";
const std::string things = R"sql(
INSERT INTO settings VALUES ('stream_token_key', 'k');
INSERT INTO sandboxes VALUES ('b1', 's1', 'u1', 'c1', 'streamer', 'ready', '', 1, 100, 110);
INSERT INTO events VALUES (1, 100, 'anna', 'login', '', '');
)sql";
const std::string film = R"sql(
INSERT INTO videos VALUES ('v1', '/films', 'a.mp4', 5, 7, 'a', 'ready', '{}', '', 0, 100, NULL);
)sql";
const std::string film_with_subtitles = R"sql(
INSERT INTO videos VALUES ('v1', '/films', 'a.mp4', 5, 7, 'a', 'ready', '{}', '', 0, 100, NULL, '9 9 a.srt');
)sql";
const std::string token = "INSERT INTO admin_tokens VALUES ('backup', 'h', 'anna', 100, 200);";

const std::string made = R"sql(
INSERT INTO jobs VALUES ('j1', 'v1', 'convert', 'play', 5, 7, 'running', 10, 430000, 1, '', 'anna', 0, 100, 110, NULL);
INSERT INTO variants VALUES ('v1', '480p', 5, 7, 999, 854, 480, 1400000, 'avc1.4d401f', 60000000, 100, 110);
)sql";

const std::string made_without_duration = R"sql(
INSERT INTO jobs VALUES ('j1', 'v1', 'convert', 'play', 5, 7, 'running', 10, 430000, 1, '', 'anna', 0, 100, 110, NULL);
INSERT INTO variants VALUES ('v1', '480p', 5, 7, 999, 854, 480, 1400000, 'avc1.4d401f', 100, 110);
)sql";

const std::string stopped = "INSERT INTO positions VALUES ('u1', 'v1', 61, 100);";

/// What a database of version n (from 1) held in the field. A new migration adds an entry.
const std::array<std::string, 7> samples{
    first_people + things + film,
    first_people + things + film + token,
    limited_people + things + film + token,
    limited_people + things + film_with_subtitles + token,
    limited_people + things + film_with_subtitles + token + made,
    limited_people + things + film_with_subtitles + token + made + stopped,
    limited_people + things + film_with_subtitles + token + made_without_duration + stopped};

void check_sample_survived(sqlite::Connection& db) {
  const auto sessions = store::load_sessions(db).value();
  REQUIRE(sessions.size() == 1);  // ben is disabled
  CHECK(sessions[0].user_name == "anna");
  CHECK(store::load_sandboxes(db).value().size() == 1);
  const auto videos = store::load_videos(db).value();
  REQUIRE(videos.size() == 1);
  CHECK(videos[0].state == store::VideoState::ready);
  CHECK(number(db, "SELECT count(*) FROM settings") == 1);
  CHECK(number(db, "SELECT count(*) FROM events") == 1);
  CHECK(store::load_jobs(db).has_value());
  for (const auto& variant : store::load_variants(db).value()) {
    CHECK(variant.codec == "avc1.4d401f");
    CHECK(variant.made_at == 100);
    CHECK(variant.last_used_at == 110);
  }
  CHECK(store::load_positions(db, "u1").has_value());
}

}  // namespace

TEST_CASE("every earlier version with data in it becomes today's") {
  REQUIRE(samples.size() == migrations().size());
  for (std::size_t version = 1; version <= samples.size(); ++version) {
    CAPTURE(version);
    EmptyDatabase database;
    auto& db = database.connection();
    CHECK(migrate(db, migrations().first(version)).has_value());
    db.execute(samples[version - 1]).value();
    migrate(db, migrations()).value();
    CHECK(number(db, "PRAGMA user_version") == static_cast<std::int64_t>(migrations().size()));
    check_sample_survived(db);
    CHECK(db.query("PRAGMA foreign_key_check", [](const sqlite::Statement&) { return 0; }).value().empty());
  }
}

TEST_CASE("the tables of each version are those that are in it") {
  for (std::size_t version = 0; version <= migrations().size(); ++version) {
    CAPTURE(version);
    EmptyDatabase database;
    auto& db = database.connection();
    migrate(db, migrations().first(version)).value();
    auto there =
        db.query("SELECT name FROM sqlite_master WHERE type = 'table'", [](const sqlite::Statement& row) {
            return row.column_text(0);
          }).value();
    auto expected = store::tables_after(migrations().first(version));
    std::ranges::sort(there);
    std::ranges::sort(expected);
    CHECK(there == expected);
  }
}

TEST_CASE("migrating twice changes nothing") {
  EmptyDatabase database;
  migrate(database.connection(), migrations()).value();
  database.connection().execute(samples.back()).value();
  migrate(database.connection(), migrations()).value();
  check_sample_survived(database.connection());
}

TEST_CASE("only the missing steps run, in order") {
  EmptyDatabase database;
  auto& db = database.connection();
  const std::array<std::string, 3> steps{"CREATE TABLE t (a)", "INSERT INTO t VALUES (1)",
                                         "UPDATE t SET a = a * 10"};
  migrate(db, std::span(steps).first(1)).value();
  migrate(db, std::span(steps).first(2)).value();
  migrate(db, steps).value();
  CHECK(number(db, "SELECT sum(a) FROM t") == 10);
}

TEST_CASE("a step that fails leaves the last good version") {
  EmptyDatabase database;
  auto& db = database.connection();
  const std::array<std::string, 2> steps{"CREATE TABLE t (a)",
                                         "INSERT INTO t VALUES (1); INSERT INTO missing VALUES (1)"};
  auto failed = migrate(db, steps);
  REQUIRE(failed.has_error());
  CHECK(failed.error().message.find("from version 1 to 2") != std::string::npos);
  CHECK(number(db, "PRAGMA user_version") == 1);
  CHECK(number(db, "SELECT count(*) FROM t") == 0);
}

TEST_CASE("a database of a newer version is refused and left alone") {
  EmptyDatabase database;
  auto& db = database.connection();
  db.execute("PRAGMA user_version = 999").value();
  auto refused = migrate(db, migrations());
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == ErrorKind::conflict);
  CHECK(refused.error().message.find("999") != std::string::npos);
  CHECK(number(db, "SELECT count(*) FROM sqlite_master") == 0);
}
