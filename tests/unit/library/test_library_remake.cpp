// An index that is made again and cannot be.
#include <boost/asio/post.hpp>

#include "tests/unit/library/bench.hpp"

using namespace carrel;
using namespace carrel::library;
using test::Bench;
namespace asio = boost::asio;

namespace {

const Error kNoPlace = make_error(ErrorKind::busy, "no sandbox is free to index a film in");
const Error kDied = make_error(ErrorKind::unavailable, "the worker sandbox died");

}  // namespace

TEST_CASE("a film plays on while there is no place to make its index again, and it is made later") {
  Bench bench;
  bench.write("a.mkv", "film");
  std::size_t turn = 0;
  std::size_t refused = 0;
  std::string id;
  bench.on_error = [&](const Error& error) {
    ++refused;
    CHECK(error.message == kNoPlace.message);
    asio::post(bench.io(), [&] { CHECK(bench.library().find(id)->playable()); });
  };
  bench.run([&](const Video& video) {
    CHECK(video.playable());
    if (++turn == 2) return bench.stop();
    id = video.row.id;
    bench.fails = {kNoPlace};
    bench.write("a.en.srt", "one");
    bench.library().scan_soon();
  });
  CHECK(refused == 1);
  CHECK(bench.descriptors == std::vector<std::size_t>{2, 3, 3});
}

TEST_CASE("a film keeps the index it has when none can be made with what is new beside it") {
  Bench bench;
  bench.write("a.mkv", "film");
  std::string id;
  std::size_t failed = 0;
  bench.on_error = [&](const Error&) {
    asio::post(bench.io(), [&, last = ++failed == 2] {
      CHECK(bench.library().find(id)->playable());
      CHECK((bench.library().find(id)->remake == Video::Remake::none) == last);
      if (last) bench.stop();
    });
  };
  bench.run([&](const Video& video) {
    id = video.row.id;
    bench.fails = {kDied, kDied};
    bench.write("a.en.srt", "one");
    bench.library().scan_soon();
  });
  // The second try is one without the new file.
  CHECK(bench.descriptors == std::vector<std::size_t>{2, 3, 2});
}

TEST_CASE("a film whose index is called damaged fails when it cannot be read again") {
  Bench bench;
  bench.write("a.mkv", "film");
  std::size_t turn = 0;
  bench.run([&](const Video& video) {
    if (++turn == 2) {
      CHECK(video.row.state == VideoState::failed);
      return bench.stop();
    }
    bench.fails = {kDied, kDied};
    asio::post(bench.io(), [&, id = video.row.id] { bench.library().remake_index(id); });
  });
  CHECK(bench.asked.size() == 3);
}
