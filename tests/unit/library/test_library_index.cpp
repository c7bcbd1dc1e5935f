// Indexes that are damaged or lost after they were made.
#include <boost/asio/post.hpp>
#include <fstream>

#include "tests/unit/library/bench.hpp"

using namespace carrel;
using namespace carrel::library;
using test::Bench;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kSoon{5};
constexpr std::chrono::minutes kPause{9};

/// What a viewer's request meets.
Result<OpenFilm> opened(Bench& bench, const std::string& id) {
  std::optional<Result<OpenFilm>> answer;
  asio::co_spawn(bench.io(), bench.library().open(bench.library().find(id), true),
                 [&](std::exception_ptr, Result<OpenFilm> open) { answer.emplace(std::move(open)); });
  while (!answer) bench.io().run_one();
  return std::move(*answer);
}

}  // namespace

TEST_CASE(
    "a streamer's word alone has an index made again once in a while, a file that was changed at once") {
  Bench bench;
  bench.write("a.mkv", "film");
  std::size_t turn = 0;
  bench.run([&](const Video& video) {
    // Outside of the library's own coroutine, which is not through with the film yet.
    asio::post(bench.io(), [&, id = video.row.id] {
      const fs::path index = bench.indexes() / (id + ".cidx");
      switch (++turn) {
        case 1: CHECK(opened(bench, id).value().again == kSoon); return bench.library().remake_index(id);
        case 2:
          CHECK(opened(bench, id).value().again > kPause);
          bench.library().remake_index(id);
          CHECK(opened(bench, id).value().again > kPause);  // nothing is being made
          std::ofstream(index) << support::index_with("other bytes");
          CHECK(opened(bench, id).value().again == kSoon);
          return bench.library().remake_index(id);
        case 3:
          fs::remove(index);
          CHECK(opened(bench, id).error().kind == ErrorKind::conflict);
          return;
        case 4:
          CHECK(opened(bench, id).has_value());
          std::ofstream(index) << "what another Carrel left";
          CHECK(opened(bench, id).error().kind == ErrorKind::conflict);
          return;
        default: return bench.stop();
      }
    });
  });
  CHECK(turn == 5);
}

TEST_CASE("what a killed daemon had begun goes") {
  Bench bench;
  bench.write("a.mkv", "film");
  const fs::path begun = bench.indexes() / "some-film.7.new";
  std::ofstream(begun) << "half an index";
  bench.run([&](const Video&) {
    CHECK_FALSE(fs::exists(begun));
    bench.stop();
  });
}
