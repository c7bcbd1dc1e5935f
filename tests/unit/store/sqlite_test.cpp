#include <doctest/doctest.h>

#include "fixture.hpp"
#include "orchestrator/lib/sqlite/transaction.hpp"

using namespace carrel;
using sqlite::Statement;
using store::test::EmptyDatabase;

namespace {

std::int64_t one_int(sqlite::Connection& db, std::string_view sql) {
  return db.query(sql, [](const Statement& row) { return row.column_int(0); }).value().at(0);
}

}  // namespace

TEST_CASE("values come back as they were bound") {
  EmptyDatabase database;
  auto& db = database.connection();
  db.execute("CREATE TABLE t (a, b)").value();
  const std::string odd("\xff\x00'; DROP TABLE t; --", 20);
  db.run("INSERT INTO t VALUES (?, ?)", std::int64_t{1} << 40, odd).value();
  db.run("INSERT INTO t VALUES (?, ?)", std::optional<std::int64_t>(), std::string_view()).value();
  auto rows = db.query("SELECT a, b FROM t ORDER BY rowid", [](const Statement& row) {
                  return std::make_pair(row.column_optional_int(0), row.column_text(1));
                }).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].first == std::int64_t{1} << 40);
  CHECK(rows[0].second == odd);
  CHECK_FALSE(rows[1].first);
  CHECK(rows[1].second.empty());
  CHECK(one_int(db, "SELECT count(*) FROM t WHERE b IS NULL") == 0);
}

TEST_CASE("errors name the statement and not the values") {
  EmptyDatabase database;
  auto& db = database.connection();
  db.execute("CREATE TABLE t (a TEXT PRIMARY KEY)").value();
  db.run("INSERT INTO t VALUES (?)", "hunter2").value();
  auto twice = db.run("INSERT INTO t VALUES (?)", "hunter2");
  REQUIRE(twice.has_error());
  CHECK(twice.error().kind == ErrorKind::conflict);
  CHECK(twice.error().message.find("INSERT INTO t") != std::string::npos);
  CHECK(twice.error().message.find("hunter2") == std::string::npos);

  auto nonsense = db.prepare("SELEKT 1");
  REQUIRE(nonsense.has_error());
  CHECK(nonsense.error().message.find("SELEKT 1") != std::string::npos);

  auto too_many = db.run("INSERT INTO t VALUES (?)", "a", "b");
  REQUIRE(too_many.has_error());
  CHECK(too_many.error().message.find("parameter 2") != std::string::npos);
}

TEST_CASE("the connection is set up for concurrent readers and sound references") {
  EmptyDatabase database;
  auto& db = database.connection();
  auto mode =
      db.query("PRAGMA journal_mode", [](const Statement& row) { return row.column_text(0); }).value();
  CHECK(mode.at(0) == "wal");
  CHECK(one_int(db, "PRAGMA foreign_keys") == 1);
  CHECK(one_int(db, "PRAGMA synchronous") == 1);
  CHECK(one_int(db, "PRAGMA busy_timeout") == 50);
}

TEST_CASE("a read-only connection cannot write") {
  EmptyDatabase database;
  database.connection().execute("CREATE TABLE t (a)").value();
  auto reader = database.open(sqlite::Access::read_only);
  CHECK(reader.run("INSERT INTO t VALUES (1)").has_error());
  CHECK(one_int(reader, "SELECT count(*) FROM t") == 0);
}

TEST_CASE("a transaction is all or nothing") {
  EmptyDatabase database;
  auto& db = database.connection();
  db.execute("CREATE TABLE t (a)").value();
  {
    auto transaction = sqlite::Transaction::begin(db);
    REQUIRE(transaction.has_value());
    db.execute("INSERT INTO t VALUES (1)").value();
  }
  CHECK(one_int(db, "SELECT count(*) FROM t") == 0);
  {
    auto transaction = sqlite::Transaction::begin(db);
    REQUIRE(transaction.has_value());
    db.execute("INSERT INTO t VALUES (1)").value();
    transaction->commit().value();
  }
  CHECK(one_int(db, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("a database that another holds is busy, and says so in time") {
  EmptyDatabase database;
  database.connection().execute("CREATE TABLE t (a)").value();
  auto transaction = sqlite::Transaction::begin(database.connection());
  REQUIRE(transaction.has_value());
  auto second = database.open();
  auto refused = sqlite::Transaction::begin(second);
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == ErrorKind::busy);
}
