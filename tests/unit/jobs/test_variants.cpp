#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "films.hpp"
#include "harness.hpp"

using namespace carrel;
using namespace carrel::jobs;
using test::Harness;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

void make_variant(Harness& harness, const std::string& film, const std::string& quality, off_t bytes = 5) {
  harness.conversions.clear();
  harness.wait(harness.jobs().ask(harness.video(film), quality, 0, "anna")).value();
  harness.until([&] { return !harness.conversions.empty(); });
  harness.conversions.front().write("media", "idx");
  REQUIRE(::ftruncate(harness.conversions.front().order.media.get(), bytes) == 0);
  harness.conversions.front().succeed();
  harness.until([&] { return harness.job(film, quality).state == store::JobState::done; });
}

}  // namespace

TEST_CASE("files that nobody knows are removed at the start, and rows without files too") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "720p");
  make_variant(harness, "good", "480p");
  const auto id = harness.video("good")->row.id;
  const fs::path folder = harness.data() / "variants" / id;
  std::ofstream(folder / "360p.media") << "left over";
  std::ofstream(folder / "360p.checkpoint") << "left over";
  fs::remove(folder / "480p.cidx");
  harness.restart();
  CHECK(harness.made_files() == Names{"720p.cidx", "720p.media"});
  const auto rows = harness.variants().of(harness.video("good")->row);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "720p");
}

TEST_CASE("a master playlist gets the indexes of those that are there, the largest first") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  bool asked = false;
  std::vector<VariantIndex> indexes;
  boost::asio::co_spawn(harness.loop(), harness.variants().open_indexes(video->row),
                        [&](std::exception_ptr, std::vector<VariantIndex> opened) {
                          indexes = std::move(opened);
                          asked = true;
                        });
  harness.until([&] { return asked; });
  REQUIRE(indexes.size() == 1);
  CHECK(indexes[0].name == "480p");
  CHECK(indexes[0].index);
}

TEST_CASE("a variant whose files are gone is forgotten when it is opened") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  fs::remove(harness.data() / "variants" / video->row.id / "480p.media");
  CHECK(harness.wait(harness.variants().open(video->row, "480p")).error().kind == ErrorKind::not_found);
  harness.until([&] { return harness.variants().all().empty(); });
  harness.until([&] { return harness.made_files().empty(); });
}

TEST_CASE("who has a variant open reads on when it is removed") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  const auto open = harness.wait(harness.variants().open(video->row, "480p")).value();
  harness.variants().remove_damaged(video->row.id, "480p");
  harness.until([&] { return harness.made_files().empty(); });
  std::string bytes(5, '\0');
  CHECK(::pread(open.media.get(), bytes.data(), bytes.size(), 0) == 5);
  CHECK(bytes == "media");
}

TEST_CASE("variants keep within their bound, the one used longest ago going first") {
  test::HarnessOptions options;
  options.policy.max_bytes = 3'600ULL * 3'300'000 / 8;  // one of an hour in 720p
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p", 1 << 30);  // sparse
  CHECK(harness.made_files() == Names{"480p.cidx", "480p.media"});
  harness.age_variants();
  make_variant(harness, "good", "720p");
  harness.until([&] { return harness.made_files() == Names{"720p.cidx", "720p.media"}; });
}
