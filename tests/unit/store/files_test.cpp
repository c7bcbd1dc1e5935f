#include "orchestrator/store/files.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "fixture.hpp"
#include "orchestrator/store/store.hpp"

using namespace carrel;
using store::test::TemporaryDirectory;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  return static_cast<unsigned>(std::filesystem::status(path).permissions()) & 0777U;
}

}  // namespace

TEST_CASE("the database and what SQLite puts beside it are for their owner alone") {
  const TemporaryDirectory home;
  const auto directory = home.path() / "deep" / "data";
  const mode_t before = ::umask(0);
  const auto opened = store::Store::open(directory);
  ::umask(before);
  REQUIRE(opened.has_value());
  CHECK(mode_of(directory) == 0700);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    CAPTURE(entry.path());
    CHECK(mode_of(entry.path()) == 0600);
    ++files;
  }
  CHECK(files == 3);  // database, log, index of the log
}

TEST_CASE("a database file that others could read is closed to them") {
  const TemporaryDirectory home;
  store::Store::open(home.path()).value();
  std::filesystem::permissions(home.path() / "carrel.db", std::filesystem::perms(0644));
  store::Store::open(home.path()).value();
  CHECK(mode_of(home.path() / "carrel.db") == 0600);
}

TEST_CASE("a directory that everybody may write to is refused") {
  const TemporaryDirectory home;
  std::filesystem::permissions(home.path(), std::filesystem::perms(0777));
  const auto refused = store::Store::open(home.path());
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == ErrorKind::forbidden);
  CHECK(refused.error().message.find("chmod 700") != std::string::npos);
}

TEST_CASE("a directory that cannot be one is told of with what named it") {
  const TemporaryDirectory home;
  const auto file = home.write("file", "");
  for (const auto& directory : {file, file / "below", file / "far/below"}) {
    CAPTURE(directory);
    for (const std::string named_by : {"data.dir", "--folder"}) {
      const auto refused = store::prepare_directory(directory, named_by);
      REQUIRE(refused.has_error());
      CHECK(refused.error().message.find("choose another " + named_by) != std::string::npos);
    }
  }
}

TEST_CASE("a link or a directory in the database's place is refused") {
  const TemporaryDirectory home;
  std::filesystem::create_symlink("/dev/null", home.path() / "carrel.db");
  CHECK(store::Store::open(home.path()).has_error());
  std::filesystem::remove(home.path() / "carrel.db");
  std::filesystem::create_directory(home.path() / "carrel.db");
  CHECK(store::Store::open(home.path()).has_error());
  CHECK(store::Store::open("/dev/null").has_error());
}
