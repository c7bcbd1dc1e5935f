#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include "films.hpp"
#include "harness.hpp"

using namespace carrel;
using namespace carrel::jobs;
using test::Harness;
namespace asio = boost::asio;

namespace {

const std::string kJpeg = "\xff\xd8\xff" + std::string(100, 'x') + "\xff\xd9";

/// A question to the cache whose answer comes later.
struct Asked {
  std::optional<Result<Picture>> answer;
};

std::shared_ptr<Asked> ask(Harness& harness, PicturePlan plan, Asker asker = {"anna's", {}}) {
  auto asked = std::make_shared<Asked>();
  asio::co_spawn(harness.loop(),
                 harness.pictures().get(harness.video("good"), std::move(plan), std::move(asker)),
                 [asked](std::exception_ptr, Result<Picture> answer) { asked->answer = std::move(answer); });
  return asked;
}

PicturePlan at(std::uint64_t seconds) {
  return *thumbnail_plan(test::good_film("v1"), seconds, 320);
}

Result<Picture> made(Harness& harness, PicturePlan plan, const std::string& bytes) {
  const auto before = harness.picture_orders.size();
  const auto asked = ask(harness, std::move(plan));
  harness.until([&] { return harness.picture_orders.size() > before; });
  harness.picture_orders.back().succeed(bytes);
  harness.until([&] { return asked->answer.has_value(); });
  return *asked->answer;
}

struct AskedAgain {
  Result<Picture> answer;
  std::size_t orders;
};

AskedAgain ask_after_failure(const test::HarnessOptions& options) {
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto first = ask(harness, at(10));
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.front().fail("read the film: Input/output error", true);
  harness.until([&] { return first->answer.has_value(); });
  CHECK(first->answer->error().kind == ErrorKind::busy);
  CHECK(first->answer->error().message == "read the film: Input/output error");
  const auto second = ask(harness, at(10));
  harness.until([&] { return second->answer || harness.picture_orders.size() == 2; });
  if (!second->answer) harness.picture_orders.back().succeed(kJpeg);
  harness.until([&] { return second->answer.has_value(); });
  return {*second->answer, harness.picture_orders.size()};
}

}  // namespace

TEST_CASE("a picture is made once, and then is there, for the next daemon too") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto first = ask(harness, at(10));
  const auto second = ask(harness, at(10));
  harness.until([&] { return !harness.picture_orders.empty(); });
  CHECK(harness.picture_orders.front().request.times_us == std::vector<std::uint64_t>{10'000'000});
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return first->answer && second->answer; });
  CHECK(harness.picture_orders.size() == 1);
  CHECK(*first->answer->value().jpeg == kJpeg);
  CHECK(first->answer->value().tag == second->answer->value().tag);
  CHECK(first->answer->value().width == 160);
  CHECK(harness.pictures().bytes() == kJpeg.size());
  CHECK(harness.pictures().has(harness.video("good")->row, "t10-320"));
  harness.restart();
  const auto again = ask(harness, at(10));
  harness.until([&] { return again->answer.has_value(); });
  CHECK(*again->answer->value().jpeg == kJpeg);
  CHECK(again->answer->value().width == 160);
  CHECK(harness.picture_orders.empty());
}

TEST_CASE("a film without such a picture is not asked again") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto first = ask(harness, at(10));
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.front().fail("the picture is damaged there");
  harness.until([&] { return first->answer.has_value(); });
  CHECK(first->answer->error().kind == ErrorKind::not_found);
  const auto second = ask(harness, at(10));
  harness.until([&] { return second->answer.has_value(); });
  CHECK(second->answer->error().message == "the picture is damaged there");
  CHECK(harness.picture_orders.size() == 1);
}

TEST_CASE("what is not the film's fault stands for a moment, and who asks is told to come back") {
  test::HarnessOptions options;
  SUBCASE("within it nothing is tried") {
    const auto asked_again = ask_after_failure(options);
    CHECK(asked_again.answer.error().kind == ErrorKind::busy);
    CHECK(asked_again.orders == 1);
  }
  SUBCASE("after it the picture is made") {
    options.pictures.pauses.first = options.pictures.pauses.longest = std::chrono::seconds(0);
    const auto asked_again = ask_after_failure(options);
    CHECK(asked_again.answer.has_value());
    CHECK(asked_again.orders == 2);
  }
}

TEST_CASE("a failure that comes again stands for longer, and one less once it went well") {
  using std::chrono::seconds;
  Failures failures({.verdict = seconds(3600), .first = seconds(30), .longest = seconds(100)});
  const Error unread = make_error(ErrorKind::unavailable, "read the film: EIO");
  Failures::Clock::time_point now{};
  for (const int stands : {30, 60, 100, 100}) {
    CAPTURE(stands);
    failures.note("a", unread, now);
    CHECK(failures.standing("a", now + seconds(stands - 1)));
    now += seconds(stands);
    CHECK_FALSE(failures.standing("a", now));
  }
  failures.made("a");
  failures.note("a", unread, now);
  CHECK_FALSE(failures.standing("a", now + seconds(30)));
  failures.note("b", make_error(ErrorKind::invalid, "nothing decodes"), now);
  CHECK(failures.standing("b", now + seconds(3599))->kind == ErrorKind::not_found);
  failures.note("c", make_error(ErrorKind::busy, "no room"), now);
  CHECK_FALSE(failures.standing("c", now));
}

TEST_CASE("what a sandbox calls a picture must look like one") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const std::string page = "<script>alert(1)</script>";
  CHECK(made(harness, at(10), page).error().kind == ErrorKind::not_found);
  CHECK(harness.pictures().count() == 0);
}

TEST_CASE("who waits too long is told to come back, and the picture is made all the same") {
  test::HarnessOptions options;
  options.pictures.wait = std::chrono::milliseconds(1);
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto asked = ask(harness, at(10));
  harness.until([&] { return asked->answer.has_value(); });
  CHECK(asked->answer->error().kind == ErrorKind::busy);
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return harness.pictures().count() == 1; });
  const auto again = ask(harness, at(10));
  harness.until([&] { return again->answer.has_value(); });
  CHECK(again->answer->has_value());
}

TEST_CASE("so many are made at once, the others wait for their turn") {
  test::HarnessOptions options;
  options.pictures.at_once = 1;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto first = ask(harness, at(10));
  const auto second = ask(harness, at(20));
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return first->answer.has_value(); });
  harness.until([&] { return harness.picture_orders.size() == 2; });
  CHECK_FALSE(second->answer.has_value());
  harness.picture_orders.back().succeed(kJpeg);
  harness.until([&] { return second->answer.has_value(); });
}

TEST_CASE("pictures keep within their bound, posters staying longest") {
  test::HarnessOptions options;
  options.pictures.max_bytes = 5 * kJpeg.size() / 2;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto row = harness.video("good")->row;
  CHECK(made(harness, poster_plan(test::good_film("v1")), kJpeg).has_value());
  CHECK(made(harness, at(10), kJpeg).has_value());
  CHECK(made(harness, at(20), kJpeg).has_value());
  harness.until([&] { return harness.pictures().count() == 2; });
  CHECK(harness.pictures().has(row, "poster"));
  CHECK(harness.pictures().bytes() == 2 * kJpeg.size());
  const auto on_disk = Folder::open(harness.data() / "pictures").value();
  harness.until([&] { return on_disk.list().value().size() == 2; });
}

TEST_CASE("posters are made ahead, one for each film that has a picture") {
  test::HarnessOptions options;
  options.pictures.ahead = true;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  auto sound = test::indexed_film(true);
  sound.tracks.erase(sound.tracks.begin());
  harness.add_film("song", sound);
  harness.start();
  const auto row = harness.video("good")->row;
  CHECK(harness.video("song") != nullptr);
  harness.until([&] { return !harness.picture_orders.empty(); });
  CHECK(harness.picture_orders.front().request.sync_only);
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return harness.pictures().has(row, "poster"); });
  CHECK(harness.picture_orders.size() == 1);
}

TEST_CASE("a film that changed has other pictures") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  CHECK(made(harness, at(10), kJpeg).has_value());
  const auto before = harness.video("good")->row;
  harness.change_film("good");
  harness.until([&] { return harness.video("good")->row.size != before.size; });
  CHECK_FALSE(harness.pictures().has(harness.video("good")->row, "t10-320"));
}

TEST_CASE("what was begun and never ended goes at the start") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  CHECK(made(harness, at(10), kJpeg).has_value());
  const auto folder = harness.data() / "pictures" / harness.video("good")->row.id;
  std::ofstream(folder / "5-7-t20-320.new") << "half";
  harness.restart();
  CHECK(Folder::open(harness.data() / "pictures").value().list().value().size() == 1);
  CHECK(harness.pictures().count() == 1);
}

TEST_CASE("a picture that could not be tried is made when it is asked for again") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto first = ask(harness, at(10));
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.front().end->set(make_error(ErrorKind::busy, "no room"));
  harness.until([&] { return first->answer.has_value(); });
  CHECK(first->answer->error().kind == ErrorKind::busy);
  CHECK(*made(harness, at(10), kJpeg).value().jpeg == kJpeg);
}

TEST_CASE("nothing stays of what is called a picture and is far too large") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto asked = ask(harness, at(10));
  harness.until([&] { return !harness.picture_orders.empty(); });
  REQUIRE(::ftruncate(harness.picture_orders.front().out.get(), 1 << 30) == 0);  // sparse
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return asked->answer.has_value(); });
  CHECK(asked->answer->error().message == "a picture is too large");
  CHECK(Folder::open(harness.data() / "pictures").value().list().value().empty());
}

TEST_CASE("no picture is made while the disk is nearly full, and those that are there are shown") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  CHECK(made(harness, at(10), kJpeg).has_value());
  harness.leave_free(std::numeric_limits<std::uint64_t>::max());
  const auto refused = ask(harness, at(20));
  harness.until([&] { return refused->answer.has_value(); });
  CHECK(refused->answer->error().kind == ErrorKind::busy);
  CHECK(refused->answer->error().message == "the disk is too full to make pictures");
  const auto shown = ask(harness, at(10));
  harness.until([&] { return shown->answer.has_value(); });
  CHECK(shown->answer->has_value());
  CHECK(harness.picture_orders.empty());
}

TEST_CASE("only a picture whose file is gone is forgotten") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  CHECK(made(harness, at(10), kJpeg).has_value());
  const auto folder = harness.data() / "pictures";
  const auto file = folder / Folder::open(folder).value().list().value().front().path;
  const auto aside = harness.data() / "aside.jpg";
  std::filesystem::rename(file, aside);
  std::filesystem::create_symlink(aside, file);  // which is not followed
  const auto refused = ask(harness, at(10));
  harness.until([&] { return refused->answer.has_value(); });
  CHECK(refused->answer->error().kind == ErrorKind::busy);
  CHECK(harness.pictures().count() == 1);
  std::filesystem::remove(file);
  const auto missed = ask(harness, at(10));
  harness.until([&] { return missed->answer.has_value(); });
  CHECK(missed->answer->error().kind == ErrorKind::busy);
  CHECK(harness.pictures().count() == 0);
  CHECK(made(harness, at(10), kJpeg).has_value());
}

TEST_CASE("no session takes all places, and what nobody waits for any more takes none") {
  test::HarnessOptions options;
  options.pictures.at_once = 1;
  options.pictures.wait = std::chrono::hours(1);
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  auto here = std::make_shared<bool>(true);
  const Asker anna{"anna's", [here] { return !*here; }};
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint64_t i = 0; i < 16; ++i) askers.push_back(ask(harness, at(i * 100), anna));
  harness.until([&] { return !harness.picture_orders.empty(); });
  const auto seventeenth = ask(harness, at(1700), anna);
  harness.until([&] { return seventeenth->answer.has_value(); });
  CHECK(seventeenth->answer->error().kind == ErrorKind::busy);
  const auto bens = ask(harness, at(1800), {"ben's", {}});
  const auto again = ask(harness, at(100), anna);  // it is one of hers already
  harness.loop().poll();
  CHECK_FALSE(bens->answer.has_value());
  CHECK_FALSE(again->answer.has_value());
  *here = false;  // she hangs up
  harness.picture_orders.front().succeed(kJpeg);
  harness.until([&] { return harness.picture_orders.size() == 2; });
  CHECK(harness.picture_orders.back().request.times_us == std::vector<std::uint64_t>{1'800'000'000});
  harness.picture_orders.back().succeed(kJpeg);
  harness.until([&] { return bens->answer.has_value(); });
  CHECK(bens->answer->has_value());
  CHECK(askers[0]->answer->has_value());  // it had been begun
  CHECK(askers[1]->answer->error().kind == ErrorKind::busy);
  CHECK(harness.picture_orders.size() == 2);
}

TEST_CASE("pictures of films that are gone make room first, a poster even") {
  test::HarnessOptions options;
  options.pictures.max_bytes = 5 * kJpeg.size() / 2;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.add_film("away", test::indexed_film(true));
  harness.start();
  const auto away = harness.video("away");
  Film film = film_of(*away);
  std::optional<Result<Picture>> poster;
  asio::co_spawn(harness.loop(), harness.pictures().get(away, poster_plan(film), {}),
                 [&](std::exception_ptr, Result<Picture> answer) { poster = std::move(answer); });
  harness.until([&] { return !harness.picture_orders.empty(); });
  harness.picture_orders.back().succeed(kJpeg);
  harness.until([&] { return poster.has_value(); });
  CHECK(made(harness, at(10), kJpeg).has_value());
  harness.remove_film("away");
  harness.until([&] { return harness.gone("away"); });
  CHECK(made(harness, at(100), kJpeg).has_value());
  harness.until([&] { return harness.pictures().count() == 2; });
  CHECK_FALSE(harness.pictures().has(away->row, std::string(kPosterName)));
  bool removed = false;
  asio::co_spawn(harness.loop(), harness.pictures().remove_film(harness.video("good")->row.id),
                 [&](std::exception_ptr) { removed = true; });
  harness.until([&] { return removed; });
  CHECK(harness.pictures().count() == 0);
  CHECK(harness.pictures().bytes() == 0);
}
