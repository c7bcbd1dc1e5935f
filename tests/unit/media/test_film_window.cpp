#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "streamer/demux/film_window.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

constexpr std::size_t kPacket = 1000;
constexpr std::size_t kFilmBytes = std::size_t{16} << 20;

std::string noise(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

struct Film {
  Film()
      : bytes(noise(kFilmBytes)),
        fd(::memfd_create("film", MFD_CLOEXEC)),
        written(::write(fd.get(), bytes.data(), bytes.size())) {}

  bool has(std::uint64_t offset) {
    const auto seen = window.look(offset, kPacket);
    return std::string_view(reinterpret_cast<const char*>(seen.data()), seen.size()) ==
           std::string_view(bytes).substr(offset, kPacket);
  }

  std::string bytes;
  UniqueFd fd;
  ssize_t written;
  std::uint64_t read = 0, reads = 0;
  FilmReader reader = FilmReader::open(fd.get(), [this](std::uint64_t all) { read = all, ++reads; }).value();
  FilmWindow window{reader};
};

}  // namespace

TEST_CASE("Tracks far from each other are read once each") {
  Film film;
  const std::uint64_t apart = kFilmBytes / 2, most_ahead = std::uint64_t{1} << 20;
  std::uint64_t looked_at = 0;
  for (std::uint64_t at = 0; at < apart / 4; at += kPacket, looked_at += 2 * kPacket) {
    REQUIRE(film.has(at));
    REQUIRE(film.has(apart + at));
  }
  CHECK(film.read < looked_at + most_ahead);
}

TEST_CASE("The window goes where all packets are") {
  Film film;
  std::uint64_t packets = 0;
  for (std::uint64_t at = kFilmBytes / 2; at + kPacket < kFilmBytes; at += kPacket, ++packets)
    REQUIRE(film.has(at));
  CHECK(film.reads < packets / 10);
}

TEST_CASE("A look finds what is left at the end, and more than the window holds") {
  Film film;
  CHECK(film.window.look(kFilmBytes - 10, kPacket).size() == 10);
  CHECK(film.window.look(kFilmBytes, kPacket).empty());
  CHECK(film.window.look(0, FilmWindow::kMost + 1).size() == FilmWindow::kMost + 1);
}
