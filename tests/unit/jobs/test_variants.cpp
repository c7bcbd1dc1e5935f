#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "base/unix_time.hpp"
#include "films.hpp"
#include "harness.hpp"
#include "orchestrator/jobs/sweep.hpp"

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

/// Of "good" to 480p, which anna asked for: its files are written, and it has not said so yet.
const test::Conversion& written_conversion(Harness& harness) {
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  harness.wait(harness.jobs().ask(harness.video("good"), "480p", 0, "anna")).value();
  harness.until([&] { return !harness.conversions.empty(); });
  harness.conversions.front().write("media", "idx");
  return harness.conversions.front();
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

TEST_CASE("what another Carrel's converter made is no variant") {
  Harness harness;
  const auto& conversion = written_conversion(harness);
  CHECK(::pwrite(conversion.order.variant_index.get(), "another", 7, 0) == 7);
  conversion.succeed();
  harness.until(
      [&] { return harness.job("good", "480p").reason.find("another Carrel's") != std::string::npos; });
  CHECK(harness.job("good", "480p").reason.find("carrelctl image load") != std::string::npos);
  CHECK(harness.variants().of(harness.video("good")->row).empty());
}

TEST_CASE("a conversion whose row cannot be written, or one of whose files is lost, is gone on with") {
  Harness harness;
  static_cast<void>(written_conversion(harness));
  SUBCASE("its row") {
    auto db = sqlite::Connection::open(harness.data() / "carrel.db", sqlite::Access::read_write).value();
    db.run("CREATE TRIGGER full BEFORE INSERT ON variants BEGIN SELECT RAISE(ABORT, 'full'); END").value();
    harness.conversions.front().succeed();
    harness.until([&] { return harness.job("good", "480p").state == store::JobState::waiting; });
    CHECK(harness.made_files() == Names{"480p.checkpoint", "480p.cidx.new", "480p.media.new"});
    db.run("DROP TRIGGER full").value();
  }
  SUBCASE("its index") {
    fs::remove(harness.data() / "variants" / harness.video("good")->row.id / "480p.cidx.new");
    harness.conversions.front().succeed();
    harness.until([&] { return harness.job("good", "480p").state == store::JobState::waiting; });
    CHECK(harness.made_files() == Names{"480p.checkpoint", "480p.media.new"});
  }
  CHECK(harness.job("good", "480p").tries == 0);
  harness.end_pause(harness.job("good", "480p"));
  harness.until([&] { return !harness.conversions.empty(); });
  CHECK(fs::file_size(harness.data() / "variants" / harness.video("good")->row.id / "480p.media.new") == 5);
  harness.conversions.front().write("media", "idx");
  harness.conversions.front().succeed();
  harness.until([&] { return harness.job("good", "480p").state == store::JobState::done; });
  CHECK(harness.made_files() == Names{"480p.cidx", "480p.media"});
}

TEST_CASE("a conversion put in place by a daemon that was killed before it wrote the row is gone on with") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  harness.wait(harness.jobs().ask(harness.video("good"), "480p", 0, "anna")).value();
  harness.until([&] { return !harness.conversions.empty(); });
  harness.conversions.front().write("media", "idx");
  const fs::path folder = harness.data() / "variants" / harness.video("good")->row.id;
  fs::rename(folder / "480p.media.new", folder / "480p.media");
  SUBCASE("between its files") {}
  SUBCASE("after both") {
    fs::rename(folder / "480p.cidx.new", folder / "480p.cidx");
  }
  harness.restart();
  harness.until([&] { return !harness.conversions.empty(); });
  std::string bytes(5, '\0');
  CHECK(::pread(harness.conversions.front().order.media.get(), bytes.data(), bytes.size(), 0) == 5);
  CHECK(bytes == "media");
  harness.conversions.front().write("media", "idx");
  harness.conversions.front().succeed();
  harness.until([&] { return harness.job("good", "480p").state == store::JobState::done; });
  CHECK(harness.made_files() == Names{"480p.cidx", "480p.media"});
}

TEST_CASE("a master playlist gets the indexes of those that are there, the largest first") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  const auto indexes = harness.wait(harness.variants().open_indexes(video->row)).value();
  REQUIRE(indexes.size() == 1);
  CHECK(indexes[0].name == "480p");
  CHECK(indexes[0].index);
}

TEST_CASE("a variant whose files are gone or cut is made again, and its job tells so") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  make_variant(harness, "good", "720p");
  harness.conversions.clear();
  harness.states.clear();
  const auto video = harness.video("good");
  const fs::path folder = harness.data() / "variants" / video->row.id;
  SUBCASE("its media, when a segment is asked for") {
    fs::remove(folder / "480p.media");
    CHECK(harness.wait(harness.variants().open(video->row, "480p")).error().kind == ErrorKind::not_found);
  }
  SUBCASE("its media is cut, when a playlist is asked for; the others are offered") {
    fs::resize_file(folder / "480p.media", 2);
    const auto indexes = harness.wait(harness.variants().open_indexes(video->row)).value();
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].name == "720p");
  }
  SUBCASE("its index is another Carrel's, of as many bytes") {
    std::fstream(folder / "480p.cidx", std::ios::in | std::ios::out) << "another";
    CHECK(harness.wait(harness.variants().open_indexes(video->row)).value().size() == 1);
  }
  SUBCASE("its index, while no daemon ran") {
    fs::remove(folder / "480p.cidx");
    harness.restart();
  }
  harness.until([&] { return !harness.conversions.empty(); });
  CHECK(harness.conversions.front().order.request.height == 480);
  CHECK(harness.states == Names{"waiting", "running"});
  CHECK(harness.job("good", "480p").asked_by == "anna");
  REQUIRE(harness.removed.size() == 1);
  CHECK(harness.removed[0].name == "480p");
  CHECK(harness.removed[0].reason.starts_with("its files "));
  harness.conversions.front().write("media", "idx");
  harness.conversions.front().succeed();
  harness.until([&] { return harness.variants().of(harness.video("good")->row).size() == 2; });
}

TEST_CASE("a streamer's word counts where the files were changed, or are old") {
  Harness harness;
  harness.errors_expected = true;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  harness.conversions.clear();
  const auto id = harness.video("good")->row.id;
  harness.variants().report_damaged(id, "480p");
  harness.until([&] { return !harness.errors.empty(); });
  CHECK(harness.errors.front().find("it stays") != std::string::npos);
  CHECK(harness.variants().all().size() == 1);
  CHECK(harness.removed.empty());
  SUBCASE("the kernel saw them change after they were made") {
    harness.make_variants_old(std::chrono::hours(1));
    harness.variants().report_damaged(id, "480p");
    harness.until([&] { return !harness.removed.empty(); });
    CHECK(harness.removed[0].reason == "its files were changed and are damaged");
  }
  harness.variants().report_damaged(id, "720p");  // there is none
  harness.variants().report_damaged("nobody", "480p");
}

TEST_CASE("a use that a clock which was ahead noted is corrected by the next") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  harness.age_variants(unix_now() + 1'000'000);
  const auto video = harness.video("good");
  CHECK(harness.wait(harness.variants().open(video->row, "480p")).has_value());
  CHECK(harness.variants().all().front().last_used_at <= unix_now());
}

TEST_CASE("that no file can be opened says nothing about a variant") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 1;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto one = harness.wait(harness.variants().open(video->row, "480p"));
  const auto all = harness.wait(harness.variants().open_indexes(video->row));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(one.error().kind == ErrorKind::busy);
  CHECK(all.error().kind == ErrorKind::busy);
  CHECK(harness.wait(harness.variants().open(video->row, "480p")).has_value());
}

TEST_CASE("who has a variant open reads on when it is removed") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  const auto video = harness.video("good");
  const auto open = harness.wait(harness.variants().open(video->row, "480p")).value();
  boost::asio::co_spawn(harness.loop(), harness.variants().remove(video->row.id, "480p"),
                        boost::asio::detached);
  harness.until([&] { return harness.made_files().empty(); });
  std::string bytes(5, '\0');
  CHECK(::pread(open.media.get(), bytes.data(), bytes.size(), 0) == 5);
  CHECK(bytes == "media");
}

TEST_CASE("what was made of a film that has long been gone goes, its jobs too") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.add_film("away", test::indexed_film(true));
  harness.start();
  make_variant(harness, "good", "480p");
  make_variant(harness, "away", "480p");
  const auto id = harness.video("away")->row.id;
  harness.remove_film("away");
  harness.until([&] { return harness.gone("away"); });
  const std::int64_t now = unix_now();
  const auto sweep = [&](std::int64_t before) {
    harness.wait(sweep_gone(harness.library(), harness.jobs(), harness.pictures(), before)).value();
  };
  sweep(now - 60);
  CHECK(harness.variants().all().size() == 2);
  CHECK(harness.jobs().of(id, "480p").has_value());
  sweep(now + 60);
  CHECK(harness.variants().all().size() == 1);
  CHECK_FALSE(harness.jobs().of(id, "480p").has_value());
  CHECK(harness.made_files() == Names{"480p.cidx", "480p.media"});
  CHECK(harness.indexes() == 1);
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
