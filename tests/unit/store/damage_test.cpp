#include "orchestrator/store/damage.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "fixture.hpp"
#include "orchestrator/store/store.hpp"

using namespace carrel;
using store::find_damage;
using store::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

/// A folder with the database of a daemon that has ended.
struct Data : TemporaryDirectory {
  Data() { static_cast<void>(store::Store::open(path()).value()); }
  [[nodiscard]] fs::path database() const { return path() / "carrel.db"; }
  void execute(const std::string& sql) const {
    sqlite::Connection::open(database(), sqlite::Access::read_write).value().execute(sql).value();
  }
  void use() const { write("index/film.cidx", ""); }
};

std::set<fs::path> files_in(const fs::path& folder) {
  return {fs::directory_iterator(folder), fs::directory_iterator()};
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string what(const TemporaryDirectory& data) {
  const auto damage = find_damage(data.path());
  return damage ? damage->what : std::string();
}

}  // namespace

TEST_CASE("a whole database has no damage, and stays as it is") {
  const Data data;
  data.use();
  const std::string before = content_of(data.database());
  const auto beside = files_in(data.path());
  CHECK_FALSE(find_damage(data.path()));
  CHECK(content_of(data.database()) == before);
  CHECK(files_in(data.path()) == beside);
}

TEST_CASE("what is in the log alone counts") {
  const Data data;
  data.use();
  auto writer = sqlite::Connection::open(data.database(), sqlite::Access::read_write).value();
  REQUIRE(writer.execute("DROP TABLE positions").has_value());
  CHECK(what(data) == "its table positions is gone");
}

TEST_CASE("a first start finds nothing wrong with what it makes before the database") {
  const TemporaryDirectory data;
  CHECK_FALSE(find_damage(data.path()));
  CHECK_FALSE(find_damage(data.path() / "not made yet"));
  for (const char* folder : {"run", "index", "backups"}) fs::create_directory(data.path() / folder);
  data.write("lock", "");
  CHECK_FALSE(find_damage(data.path()));
  data.write("carrel.db", "");
  CHECK_FALSE(find_damage(data.path()));
}

TEST_CASE(
    "a database that is missing, empty or without tables was lost where films or backups are beside it") {
  for (const char* beside : {"index/film.cidx", "backups/carrel-20270115T080000Z-0a1b2c3d.backup"}) {
    CAPTURE(beside);
    const TemporaryDirectory data;
    data.write(beside, "");
    REQUIRE(find_damage(data.path()));
    CHECK(find_damage(data.path())->missing);
    store::prepare_file(data.path() / "carrel.db").value();
    CHECK(what(data) == "it is empty");
    CHECK_FALSE(find_damage(data.path())->missing);
    static_cast<void>(
        sqlite::Connection::open(data.path() / "carrel.db", sqlite::Access::read_write).value());
    CHECK(what(data) == "there is nothing of Carrel's in it");
  }
}

TEST_CASE("a file that is no database is called so, however short") {
  for (const std::string& content :
       {std::string("x"), std::string("this is text, of thirty bytes."), std::string(20'000, 'x')}) {
    const TemporaryDirectory data;
    data.write("carrel.db", content);
    CHECK(what(data) == "it is no database of SQLite's");
  }
}

TEST_CASE("a database that is cut off or overwritten is damaged") {
  const Data data;
  const auto size = fs::file_size(data.database());
  SUBCASE("cut off within its first page") {
    fs::resize_file(data.database(), 600);
  }
  SUBCASE("cut off") {
    fs::resize_file(data.database(), size / 2);
  }
  SUBCASE("overwritten") {
    std::fstream file(data.database(), std::ios::binary | std::ios::in | std::ios::out);
    for (std::uintmax_t at = 4096; at < size; at += 4096) {
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(512, '\xa5');
    }
  }
  CHECK_FALSE(what(data).empty());
}

TEST_CASE("a table that is gone is damage, and one that is yet to be made is none") {
  const Data data;
  data.execute("DROP TABLE admin_tokens");
  CHECK(what(data) == "its table admin_tokens is gone");
  data.execute("DROP TABLE jobs; DROP TABLE variants; DROP TABLE positions; PRAGMA user_version = 1");
  CHECK(what(data).empty());
  data.execute("PRAGMA user_version = 999");
  CHECK(what(data).empty());
}
