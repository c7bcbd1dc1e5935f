#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "orchestrator/jobs/folder.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::jobs;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777;
}

}  // namespace

TEST_CASE("a folder, its folders and its files are the daemon's own") {
  const support::TemporaryDirectory scratch;
  const fs::path path = scratch.path() / "made";
  const Folder folder = Folder::open(path).value();
  {
    const UniqueFd file = folder.open_to_write("v1/play.media").value();
    CHECK(::write(file.get(), "abc", 3) == 3);
  }
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(path / "v1") == 0700);
  CHECK(mode_of(path / "v1/play.media") == 0600);
  const auto entries = folder.list().value();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].path == "v1/play.media");
  CHECK(entries[0].bytes == 3);
  folder.rename("v1/play.media", "v1/other").value();
  CHECK(folder.open_to_read("v1/other").has_value());
  CHECK(folder.open_to_read("v1/play.media").error().kind == ErrorKind::not_found);
  folder.remove("v1/other").value();
  folder.remove("v1/other").value();
  CHECK_FALSE(fs::exists(path / "v1"));
  CHECK(folder.free_bytes().value() > 0);
}

TEST_CASE("what is written to stays as it was") {
  const support::TemporaryDirectory scratch;
  const Folder folder = Folder::open(scratch.path() / "made").value();
  { CHECK(::write(folder.open_to_write("v1/a").value().get(), "abc", 3) == 3); }
  CHECK(folder.open_to_write("v1/a").has_value());
  CHECK(folder.list().value().at(0).bytes == 3);
}

TEST_CASE("no way leads out of the folder") {
  const support::TemporaryDirectory scratch;
  std::ofstream(scratch.path() / "secret") << "x";
  fs::create_directory(scratch.path() / "made");
  fs::create_directory(scratch.path() / "made/v1");
  fs::create_symlink(scratch.path() / "secret", scratch.path() / "made/v1/link");
  fs::create_directory_symlink(scratch.path(), scratch.path() / "made/v2");
  const Folder folder = Folder::open(scratch.path() / "made").value();
  for (const char* path : {"../secret", "v1/link", "v2/secret", "v1/../../secret", "/etc/passwd"}) {
    CAPTURE(path);
    CHECK(folder.open_to_read(path).has_error());
    CHECK(folder.open_to_write(path).has_error());
  }
  CHECK(folder.list().value().empty());
}

TEST_CASE("only files are read") {
  const support::TemporaryDirectory scratch;
  fs::create_directories(scratch.path() / "made/v1/folder");
  REQUIRE(::mkfifo((scratch.path() / "made/v1/pipe").c_str(), 0600) == 0);
  const Folder folder = Folder::open(scratch.path() / "made").value();
  CHECK(folder.open_to_read("v1/folder").has_error());
  CHECK(folder.open_to_read("v1/pipe").has_error());
  CHECK(folder.list().value().empty());
}
