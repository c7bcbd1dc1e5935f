#include "orchestrator/backup/shelf.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::backup;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::chrono::hours kDay{24};

std::vector<Shelved> of_ages(const std::vector<int>& days) {
  std::vector<Shelved> shelf;
  for (const int one : days) shelf.push_back({std::to_string(one), 1, kNow - one * 86400});
  return shelf;
}

std::vector<std::string> names(const std::vector<Shelved>& shelf) {
  std::vector<std::string> result;
  for (const auto& one : shelf) result.push_back(one.path.string());
  return result;
}

}  // namespace

TEST_CASE("a name tells when it was made, and no other name does") {
  CHECK(made_at(new_name(kNow)) == kNow);
  for (const char* other : {"carrel-20260131T235959Z-0a1b2c3d.db", "carrel.backup", "carrel-x.backup",
                            "carrel-20260131T235959Z-0a1b2c3d.backup.unfinished"}) {
    CHECK_FALSE(made_at(other).has_value());
  }
}

TEST_CASE("the shelf holds backups, the newest first") {
  const support::TemporaryDirectory folder;
  folder.write("carrel-20260101T000000Z-00000001.backup", "a");
  folder.write("carrel-20260301T000000Z-00000002.backup", "abc");
  folder.write("carrel-20260201T000000Z-00000003.backup", "ab");
  folder.write("notes.txt", "mine");
  const auto shelf = on_shelf(folder.path(), kNow).value();
  REQUIRE(shelf.size() == 3);
  CHECK(shelf[0].bytes == 3);
  CHECK(shelf[1].bytes == 2);
  CHECK(shelf[2].bytes == 1);
  CHECK(on_shelf(folder.path() / "nowhere", kNow).value().empty());
}

TEST_CASE("what a clock that was ahead has named is not the newest, and goes first") {
  const support::TemporaryDirectory folder;
  folder.write("carrel-20380101T000000Z-00000001.backup", "a");
  folder.write(new_name(kNow), "ab");
  folder.write(new_name(kNow + 3600), "abc");  // of another machine's clock
  folder.write(new_name(kNow - 86400), "abcd");
  const auto shelf = on_shelf(folder.path(), kNow).value();
  REQUIRE(shelf.size() == 4);
  CHECK(shelf[0].bytes == 3);
  CHECK(shelf[1].bytes == 2);
  CHECK(shelf[2].bytes == 4);
  const auto drop = outdated(shelf, 3, 10 * kDay, kNow);
  REQUIRE(drop.size() == 1);
  CHECK(drop[0].bytes == 1);
}

TEST_CASE("the count and the age drop old ones, and never the newest") {
  using Names = std::vector<std::string>;
  CHECK(names(outdated(of_ages({0, 1, 2}), 2, 10 * kDay, kNow)) == Names{"2"});
  CHECK(names(outdated(of_ages({0, 5, 6, 20}), 9, 10 * kDay, kNow)) == Names{"20"});
  CHECK(outdated(of_ages({300}), 1, 10 * kDay, kNow).empty());
  CHECK(names(outdated(of_ages({300, 301, 302, 303}), 9, 10 * kDay, kNow)) == Names{"303"});
  CHECK(names(outdated(of_ages({300, 301}), 1, 10 * kDay, kNow)) == Names{"301"});
  CHECK(outdated({}, 1, 10 * kDay, kNow).empty());
}
