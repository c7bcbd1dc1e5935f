#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>

#include "base/unique_fd.hpp"
#include "streamer/demux/pieces.hpp"
#include "streamer/demux/scatter_locator.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

std::string noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

/// A film in memory, and a locator of one of its tracks.
struct Film {
  explicit Film(std::string content, bool transport_stream = false)
      : bytes(std::move(content)),
        fd(::memfd_create("film", MFD_CLOEXEC)),
        written(::write(fd.get(), bytes.data(), bytes.size())),
        reader(FilmReader::open(fd.get(), {}).value()),
        window(reader),
        locator(window, transport_stream) {}

  /// The packet as its runs tell: of the film, or X for what is not there. Empty: not found.
  std::string found(std::int64_t position, const std::string& packet) {
    std::string text;
    for (const Run& run : locator.locate(position, std::as_bytes(std::span(packet))))
      text += run.film == Run::kNowhere ? std::string(run.length, 'X') : bytes.substr(run.film, run.length);
    return text;
  }

  std::string bytes;
  UniqueFd fd;
  ssize_t written;
  FilmReader reader;
  FilmWindow window;
  ScatterLocator locator;
};

std::string ts_packet(unsigned pid, const std::string& payload, bool begins) {
  const std::size_t room = 184;
  std::string packet{'\x47', static_cast<char>((begins ? 0x40 : 0) | pid >> 8),
                     static_cast<char>(pid & 0xff)};
  if (payload.size() == room) return packet + '\x10' + payload;
  const std::size_t stuffing = room - payload.size() - 1;
  packet += '\x30';
  packet += static_cast<char>(stuffing);
  if (stuffing > 0) packet += '\0' + std::string(stuffing - 1, '\xff');
  return packet + payload;
}

/// PES packets of the contents, each from a TS packet of its own on, another stream in between.
std::string transport_stream(const std::vector<std::string>& contents, std::size_t extra) {
  std::string film;
  for (const std::string& content : contents) {
    const std::string pes = std::string("\0\0\1\xe0\0\0\x80\x80\5", 9) + std::string(5, '\x21') + content;
    for (std::size_t at = 0; at < pes.size(); at += 184) {
      film += std::string(extra, '\x07') + ts_packet(0x100, pes.substr(at, 184), at == 0);
      if (at % 552 == 0) film += std::string(extra, '\x07') + ts_packet(0x101, noise(184, 7), false);
    }
  }
  return film;
}

}  // namespace

TEST_CASE("packets that lie in the film in one piece are one run") {
  const std::string packet = noise(1000, 1);
  Film film(noise(500, 2) + packet + noise(500, 3));
  CHECK(film.found(495, packet) == packet);
  CHECK(film.locator.locate(495, std::as_bytes(std::span(packet))).size() == 1);
}

TEST_CASE("packets of an MPEG-TS are found through its payloads, at every packet size") {
  for (const std::size_t extra : {0U, 4U, 16U}) {
    const std::vector<std::string> contents{noise(1000, 1), noise(37, 2), noise(20000, 3), noise(184, 4)};
    Film film(transport_stream(contents, extra), true);
    // The demuxer tells where the TS packet is, at its sync byte or before.
    CHECK(film.found(0, contents[0]) == contents[0]);
    // Frames of sound follow each other within a payload.
    CHECK(film.found(-1, contents[1].substr(0, 20)) == contents[1].substr(0, 20));
    CHECK(film.found(-1, contents[1].substr(20)) == contents[1].substr(20));
    CHECK(film.found(-1, contents[2]) == contents[2]);
    CHECK(film.found(-1, contents[3]) == contents[3]);
    // From anywhere.
    CHECK(film.found(0, contents[0]) == contents[0]);
    const std::string tail = contents[0].substr(300);
    CHECK(film.found(0, tail) == tail);
  }
}

TEST_CASE("scattered packets are found part by part, and what the film lacks is told") {
  const std::string packet = noise(3000, 1);
  std::string content = noise(100, 2);
  for (std::size_t at = 0; at < packet.size(); at += 500)
    content += packet.substr(at, 500) + noise(40 + at / 50, 9);
  Film film(content);
  CHECK(film.found(90, packet) == packet);

  const std::string stripped = "\1\2\3" + packet.substr(0, 500);
  CHECK(film.found(91, stripped) == "XXX" + packet.substr(0, 500));
  CHECK(film.found(92, noise(20000, 5)) == "");
}

TEST_CASE("packets that would lie behind the film's end are not found") {
  const std::string packet = noise(20000, 1);
  for (const bool transport_stream : {false, true}) {
    Film film(noise(500, 2), transport_stream);
    for (const std::int64_t position : {499, 500, 501, 1'000'000'000, -1})
      CHECK(film.found(position, packet) == "");
  }
}

TEST_CASE("equal steps through the film are one piece, and samples are kept apart") {
  PieceList pieces;
  pieces.begin();
  for (std::uint64_t i = 0; i < 10; ++i) pieces.add_film(1000 + i * 188, i == 9 ? 80 : 184);
  REQUIRE(pieces.count() == 1);
  CHECK(pieces[0] == PieceRecord{1000, 9 * 184 + 80, 184, 188});
  pieces.add_film(1000 + 10 * 188, 184);  // after a short part
  pieces.add_literal("abc");
  pieces.add_literal("de");
  pieces.add_film(50, 10);
  pieces.add_film(60, 10);
  REQUIRE(pieces.count() == 4);
  CHECK(pieces[2] == PieceRecord{kPieceLiteral, 5, 0, 0});
  CHECK(pieces[3] == PieceRecord{50, 20, 0, 0});
  pieces.begin();
  pieces.add_film(70, 10);
  CHECK(pieces.count() == 5);
  CHECK(pieces.take_literals() == "abcde");
}
