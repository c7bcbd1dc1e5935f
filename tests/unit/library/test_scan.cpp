#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "orchestrator/library/scan.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::library;
namespace fs = std::filesystem;

namespace {

/// A folder of files that look like films.
struct Folder : support::TemporaryDirectory {
  void write(const std::string& name) const { TemporaryDirectory::write(name, "film"); }
};

/// Root may read everything.
Scan as_nobody(const std::function<Scan()>& look) {
  const uid_t me = ::geteuid();
  if (me == 0) REQUIRE(::seteuid(65534) == 0);
  Scan seen = look();
  if (me == 0) REQUIRE(::seteuid(me) == 0);
  return seen;
}

}  // namespace

TEST_CASE("films are found in folders, and nothing that is no film") {
  const Folder folder;
  folder.write("a.mp4");
  folder.write("deep/er/b.MKV");
  folder.write("notes.txt");
  folder.write(".hidden/c.mp4");
  folder.write(".d.mp4");
  fs::create_symlink(folder.path() / "a.mp4", folder.path() / "link.mp4");
  fs::create_symlink("/", folder.path() / "everything");
  const Scan seen = scan({folder.path()});
  std::vector<std::string> paths;
  for (const auto& file : seen.files) paths.push_back(file.path);
  std::ranges::sort(paths);
  CHECK(paths == std::vector<std::string>{"a.mp4", "deep/er/b.MKV"});
  CHECK(seen.files.front().key.size == 4);
  CHECK(seen.unreadable.empty());
}

TEST_CASE("a folder that cannot be read does not make its films go") {
  const Scan seen = scan({"/nowhere/at/all"});
  CHECK(seen.roots_read.empty());
  REQUIRE(seen.unreadable.size() == 1);
  CHECK(seen.unreadable.front().starts_with("/nowhere/at/all: "));
}

TEST_CASE("films in a folder that may not be read any more are not gone, others are") {
  const Folder folder;
  folder.write("open/a.mp4");
  folder.write("shut/b.mp4");
  const std::string root = folder.path().string();
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(folder.path() / "shut", fs::perms(0));
  const Scan seen = as_nobody([&] { return scan({root}); });
  CHECK(seen.files.size() == 1);
  CHECK(seen.unreadable == std::vector<std::string>{root + "/shut: carreld's user may not read it"});
  CHECK_FALSE(is_gone(seen, root, "shut/b.mp4"));
  CHECK(is_gone(seen, root, "shutter.mp4"));
  CHECK(is_gone(seen, root, "open/c.mp4"));
  CHECK_FALSE(is_gone(seen, "/elsewhere", "open/c.mp4"));

  fs::permissions(folder.path(), fs::perms(0));
  const Scan nothing = as_nobody([&] { return scan({root}); });
  CHECK(nothing.unreadable == std::vector<std::string>{root + ": carreld's user may not read it"});
  CHECK_FALSE(is_gone(nothing, root, "open/a.mp4"));
  fs::permissions(folder.path(), fs::perms(0700));
  fs::permissions(folder.path() / "shut", fs::perms(0700));
}

TEST_CASE("a film is opened below its root only, and only if it is a file") {
  const Folder folder;
  folder.write("in/a.mp4");
  folder.write("out.mp4");
  fs::create_symlink(folder.path() / "out.mp4", folder.path() / "in/link.mp4");
  REQUIRE(::mkfifo((folder.path() / "in/pipe.mp4").c_str(), 0600) == 0);
  const std::string root = (folder.path() / "in").string();
  CHECK(open_film(root, "a.mp4").has_value());
  for (const char* path : {"../out.mp4", "link.mp4", "pipe.mp4", "/etc/passwd", "absent.mp4", "."}) {
    CAPTURE(path);
    CHECK(open_film(root, path).has_error());
  }
}

TEST_CASE("a changed film has another key") {
  const Folder folder;
  folder.write("a.mp4");
  const auto file = open_film(folder.path().string(), "a.mp4");
  REQUIRE(file.has_value());
  const auto before = key_of(*file);
  std::ofstream(folder.path() / "a.mp4", std::ios::app) << "more";
  const auto after = key_of(*file);
  REQUIRE((before.has_value() && after.has_value()));
  CHECK(*before != *after);
}

TEST_CASE("subtitles beside a film are found with it") {
  const Folder folder;
  folder.write("a.mp4");
  folder.write("a.en.srt");
  folder.write("Subs/a.de.ass");
  folder.write("b.srt");
  fs::create_symlink(folder.path() / "a.en.srt", folder.path() / "a.fr.srt");
  const Scan seen = scan({folder.path()});
  REQUIRE(seen.files.size() == 1);
  const auto& sidecars = seen.files[0].sidecars;
  REQUIRE(sidecars.size() == 2);
  CHECK(sidecars[0].path == "Subs/a.de.ass");
  CHECK(sidecars[1].path == "a.en.srt");
  CHECK(sidecars[1].key.size == 4);
}

TEST_CASE("a file with a control character in its way is no sidecar") {
  const Folder folder;
  folder.write("a.mp4");
  folder.write("a.en.srt");
  folder.write("a.en\n#EXT-X-ENDLIST.srt");
  folder.write("a.\x1b[2J.srt");
  folder.write("a.\x7f.srt");
  folder.write("Subs/a\r\n/2_English.srt");
  const Scan seen = scan({folder.path()});
  REQUIRE(seen.files.size() == 1);
  REQUIRE(seen.files[0].sidecars.size() == 1);
  CHECK(seen.files[0].sidecars[0].path == "a.en.srt");
}
