// Converters as the daemon runs them: the real engine, the real image, its profile and limits.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "orchestrator/sandbox/sandboxes.hpp"
#include "streamer/demux/index_film.hpp"
#include "streamer/index/view.hpp"
#include "tests/integration/engine/docker_bench.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/sandbox/fakes.hpp"

namespace carrel::sandbox {
namespace {

namespace fs = std::filesystem;

std::string converter_image() {
  const char* named = std::getenv("CARREL_CONVERTER_IMAGE");
  return named == nullptr ? "carrel-converter" : named;
}

struct Workshop {
  test::DockerBench bench;
  support::TemporaryDirectory files;
  fake::RunDirectory run;
  fake::FakeJournal journal;
  Sandboxes sandboxes{bench.io().get_executor(), bench.engine(), journal, options(), Observer{}};

  Workshop() {
    fs::copy_file(CARREL_SMALL_FILM, files.path() / "film");
    const UniqueFd film = open("film", O_RDONLY);
    const UniqueFd index = open("index", O_RDWR | O_CREAT);
    const auto indexed = streamer::index_film(film.get(), "mp4", index.get(), [](std::uint64_t) {});
    REQUIRE(indexed.has_value());
    REQUIRE(indexed->playable);
  }

  SandboxesOptions options() const {
    SandboxesOptions made;
    made.instance = "converter-test-" + std::to_string(::getpid());
    made.limits = {"no-such-image", 64 << 20, 0.5, 16, 64};
    made.converter = {converter_image(), 256 << 20, 1.0, 16, 64, 100};
    made.run_directory = run.path();
    made.max_total = 2;
    made.max_answers = 1;
    made.share_network = false;
    return made;
  }

  [[nodiscard]] UniqueFd open(const char* name, int flags) const {
    UniqueFd fd(::open((files.path() / name).c_str(), flags | O_CLOEXEC, 0600));
    REQUIRE(fd);
    return fd;
  }
  [[nodiscard]] std::string bytes(const char* name) const {
    std::ifstream in(files.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Conversion conversion() const {
    Conversion made;
    made.film = open("film", O_RDONLY);
    made.index = open("index", O_RDONLY);
    made.media = open("media", O_RDWR | O_CREAT);
    made.variant_index = open("cidx", O_RDWR | O_CREAT);
    made.checkpoint = open("checkpoint", O_RDWR | O_CREAT);
    made.request.bits_per_second = 500'000;
    made.duration = std::chrono::seconds(2);
    return made;
  }
};

}  // namespace

TEST_CASE("pictures come out of a container that has nothing but its descriptors") {
  Workshop shop;
  protocol::Pictures request;
  request.times_us = {0, 500'000, 1'000'000};
  request.columns = 3;
  const auto made =
      shop.bench.run(shop.sandboxes.pictures(shop.open("film", O_RDONLY), shop.open("index", O_RDONLY),
                                             shop.open("sheet", O_RDWR | O_CREAT), request));
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  CHECK_MESSAGE(made->made, made->reason);
  CHECK(made->width == 32);
  const std::string sheet = shop.bytes("sheet");
  CHECK(sheet.size() == made->bytes);
  CHECK(sheet.starts_with("\xFF\xD8\xFF"));
}

TEST_CASE("a picture is made anew, and its index belongs to it") {
  Workshop shop;
  auto conversion = shop.conversion();
  const auto made = shop.bench.run(shop.sandboxes.convert(std::move(conversion)));
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  CHECK_MESSAGE(made->made, made->reason);
  const UniqueFd index = shop.open("cidx", O_RDONLY);
  const auto view = streamer::IndexView::open(index.get());
  REQUIRE_MESSAGE(view.has_value(), view.error().message);
  REQUIRE((*view)->tracks().size() == 1);
  CHECK((*view)->tracks().front().info.codec == streamer::Codec::h264);
  struct stat status {};
  REQUIRE(::stat((shop.files.path() / "media").c_str(), &status) == 0);
  CHECK((*view)->film_bytes() == static_cast<std::uint64_t>(status.st_size));
  CHECK((*view)->film_mtime_ns() == status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec);
}

TEST_CASE("what is no index is no verdict on the film, for it is made again") {
  Workshop shop;
  std::ofstream(shop.files.path() / "index") << "nothing";
  auto conversion = shop.conversion();
  const auto made = shop.bench.run(shop.sandboxes.convert(std::move(conversion)));
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  CHECK_FALSE(made->made);
  CHECK(made->may_work_later);
  CHECK_FALSE(made->reason.empty());
}

}  // namespace carrel::sandbox
