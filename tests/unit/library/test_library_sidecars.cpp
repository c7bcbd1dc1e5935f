// Files beside a film through scanning and indexing, with a worker that only notes what it was given.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>

#include "orchestrator/library/library.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::library;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// A library of one folder, run until `stop` is called.
class Bench {
 public:
  Bench() : store_(store::Store::open(folder_.path() / "data").value()) {
    fs::create_directories(folder_.path() / "films");
    fs::create_directories(folder_.path() / "indexes");
  }

  /// Older than a file that may still be written to.
  void write(const std::string& name, const std::string& content) {
    const fs::path file = folder_.write("films/" + name, content);
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
  }

  /// `indexed` is called after each film that was indexed, whatever became of it.
  void run(std::function<void(const Video&)> indexed) {
    LibraryOptions options;
    options.roots = {folder_.path() / "films"};
    options.index_directory = folder_.path() / "indexes";
    options.rescan = std::chrono::seconds(1);
    LibraryObserver observer;
    observer.on_indexed = [&](const Video& video, double) { indexed(video); };
    auto index_film = [this](std::vector<UniqueFd> files, protocol::Index request) {
      return index(std::move(files), std::move(request));
    };
    library_ =
        std::make_unique<Library>(io_.get_executor(), *store_, std::move(options), index_film, observer);
    asio::co_spawn(io_, load(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io_.run_for(std::chrono::seconds(50));
    CHECK_MESSAGE(io_.stopped(), "the library did not come to what was waited for");
  }

  void stop() {
    library_->stop();
    io_.stop();
  }
  Library& library() { return *library_; }

  std::vector<protocol::Index> asked;
  std::vector<std::size_t> descriptors;
  bool dies_of_sidecars = false;

 private:
  asio::awaitable<void> load() {
    const Result<void> loaded = co_await library_->load();
    CHECK(loaded.has_value());
    library_->start();
  }

  asio::awaitable<Result<protocol::Indexed>> index(std::vector<UniqueFd> files, protocol::Index request) {
    descriptors.push_back(files.size());
    asked.push_back(request);
    if (dies_of_sidecars && !request.sidecars.empty())
      co_return make_error(ErrorKind::unavailable, "the worker sandbox died");
    protocol::Indexed indexed;
    indexed.readable = indexed.playable = true;
    co_return indexed;
  }

  support::TemporaryDirectory folder_;
  asio::io_context io_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Library> library_;
};

}  // namespace

TEST_CASE("a film is indexed again when the files beside it change, and stays on offer") {
  Bench bench;
  bench.write("a.mkv", "film");
  bench.write("a.en.srt", "one");
  std::size_t turn = 0;
  bench.run([&](const Video& video) {
    CHECK(video.playable());
    ++turn;
    if (turn == 1) bench.write("Subs/a.de.forced.ass", "two");
    if (turn == 2) bench.write("a.en.srt", "another one");
    if (turn == 3) return bench.stop();
    bench.library().scan_soon();
  });
  REQUIRE(bench.asked.size() == 3);
  CHECK(bench.asked[0].extension == "mkv");
  REQUIRE(bench.asked[0].sidecars.size() == 1);
  CHECK(bench.asked[0].sidecars[0].language == "en");
  CHECK(bench.descriptors == std::vector<std::size_t>{3, 4, 4});
  REQUIRE(bench.asked[1].sidecars.size() == 2);
  CHECK(bench.asked[1].sidecars[0].extension == "ass");
  CHECK(bench.asked[1].sidecars[0].forced);
  CHECK(bench.asked[2].sidecars == bench.asked[1].sidecars);
}

TEST_CASE("a film whose worker dies of a file beside it plays without") {
  Bench bench;
  bench.dies_of_sidecars = true;
  bench.write("a.mkv", "film");
  bench.write("a.srt", "deadly");
  bench.run([&](const Video& video) {
    if (video.playable()) bench.stop();
  });
  CHECK(bench.descriptors == std::vector<std::size_t>{3, 2});
}
