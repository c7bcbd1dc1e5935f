// How many pictures there may be, and which of them go.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <fstream>

#include "films.hpp"
#include "harness.hpp"

using namespace carrel;
using namespace carrel::jobs;
using test::Harness;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr char kAway[] = "away";  // the id of a film that is not there

std::string name_of(std::int64_t number) {
  return "t" + std::to_string(number) + "-320";
}

/// As an earlier daemon left them: 99 was used first, then 98, …
void leave_pictures(Harness& harness, std::int64_t count) {
  const fs::path folder = harness.data() / "pictures" / kAway;
  fs::create_directories(folder);
  for (std::int64_t i = 0; i < count; ++i) {
    const fs::path file = folder / ("5-7-" + name_of(99 - i) + "-160x90.jpg");
    std::ofstream(file) << "a picture";
    const timespec used{1'000 + i, 0};
    const std::array<timespec, 2> times{used, used};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0) == 0);
  }
}

bool has(Harness& harness, std::int64_t number) {
  store::VideoRow row;
  row.id = kAway;
  row.size = 5;
  row.mtime_ns = 7;
  return harness.pictures().has(row, name_of(number));
}

std::size_t files(const Harness& harness) {
  return Folder::open(harness.data() / "pictures").value().list().value().size();
}

}  // namespace

TEST_CASE("beyond so many pictures those used longest ago go, a tenth at once, with their files") {
  test::HarnessOptions options;
  options.pictures.max_count = 20;
  Harness harness(options);
  SUBCASE("as many as there may be stay") {
    leave_pictures(harness, 20);
    harness.start();
    CHECK(harness.pictures().count() == 20);
    CHECK(files(harness) == 20);
  }
  SUBCASE("one more") {
    leave_pictures(harness, 21);
    harness.start();
    CHECK(harness.pictures().count() == 18);
    CHECK(files(harness) == 18);
    CHECK(harness.pictures().bytes() == 18 * std::string("a picture").size());
    for (const std::int64_t number : {99, 98, 97}) CHECK_FALSE(has(harness, number));
    CHECK(has(harness, 96));
  }
}

TEST_CASE("beyond so many bytes a tenth goes at once too") {
  test::HarnessOptions options;
  options.pictures.max_bytes = 20 * std::string("a picture").size();
  Harness harness(options);
  leave_pictures(harness, 21);
  harness.start();
  CHECK(harness.pictures().count() == 18);
  CHECK(files(harness) == 18);
}

TEST_CASE("no poster is made ahead in the place of the last pictures that there may be") {
  test::HarnessOptions options;
  options.pictures.max_count = 20;
  options.pictures.ahead = true;
  Harness harness(options);
  leave_pictures(harness, 19);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  CHECK(harness.video("good") != nullptr);
  harness.loop().poll();
  CHECK(harness.picture_orders.empty());
  bool removed = false;
  asio::co_spawn(harness.loop(), harness.pictures().remove_film(kAway),
                 [&](std::exception_ptr) { removed = true; });
  harness.until([&] { return removed; });
  CHECK(harness.pictures().bytes() == 0);
  harness.pictures().wake();
  harness.until([&] { return harness.picture_orders.size() == 1; });
}
