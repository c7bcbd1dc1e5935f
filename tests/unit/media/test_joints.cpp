#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/demux/joined_clock.hpp"
#include "streamer/demux/joints.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace std::string_literals;

namespace {

const std::string kMatroska = "\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska\x18\x53\x80\x67\x40\xd0"s;
const std::string kFlv = "FLV\x01\x05\0\0\0\x09\0\0\0\0"s;

/// What a demuxer sees that reads `step` bytes at a time.
std::string seen(const std::string& film, std::size_t step, std::vector<std::size_t> parts) {
  const UniqueFd fd(::memfd_create("film", MFD_CLOEXEC));
  REQUIRE(::write(fd.get(), film.data(), film.size()) == static_cast<ssize_t>(film.size()));
  FilmReader reader = FilmReader::open(fd.get(), {}).value();
  Joints joints(reader);
  std::string bytes = film;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::size_t length = std::min(step, bytes.size() - at);
    joints.see(at, std::as_writable_bytes(std::span(bytes)).subspan(at, length));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(joints.before(parts[i]) == i + 1);
    CHECK(joints.before(parts[i] - 1) == i);
  }
  CHECK(joints.before(bytes.size()) == parts.size());
  return bytes;
}

}  // namespace

TEST_CASE("where another recording begins in a file is seen, wherever reads end") {
  const std::string part = kMatroska + std::string(100, 'x') + "\x1a\x45\xdf\xa3" + std::string(100, 'x');
  std::string later = part;  // its header is one void element
  later.replace(0, 9, "\xec\x01\0\0\0\0\0\0\x0d"s);
  REQUIRE(kMatroska.size() == 9 + 0x0d);
  for (const std::size_t step : {1U, 7U, 64U, 1000U}) {
    CAPTURE(step);
    CHECK(seen(part + part + part, step, {part.size(), 2 * part.size()}) == part + later + later);
  }
  const std::string other = "RIFF" + part;
  CHECK(seen(other, 64, {}) == other);
}

TEST_CASE("libavformat is shown an FLV's second header without the size that it would leave out") {
  const std::string part = kFlv + std::string(50, 'x') + "FLV\x01 is no header" + std::string(50, 'x');
  std::string shown = part + part;
  shown.replace(part.size() + 1, 3, 3, '\0');
  for (const std::size_t step : {1U, 7U, 64U, 1000U}) {
    CAPTURE(step);
    CHECK(seen(part + part, step, {part.size()}) == shown);
  }
}

TEST_CASE("recordings that were joined follow each other") {
  JoinedClock clock;
  CHECK(clock.correction(0, 5'000'000, 40'000) == 0);
  CHECK(clock.correction(0, 5'200'000, 40'000) == 0);
  CHECK(clock.correction(0, 3'000'000, 20'000) == 0);  // only a header begins a part
  CHECK(clock.correction(1, 0, 40'000) == 5'240'000);
  CHECK(clock.correction(0, 5'220'000, 20'000) == 0);  // a parser held it back
  CHECK(clock.correction(1, 2'000'000, 0) == 5'240'000);
  CHECK(clock.correction(2, 1'000'000, 40'000) == 6'280'000);
  CHECK(clock.correction(3, 1'030'000, 40'000) == 6'280'000);  // split, and joined again
  CHECK(clock.moved() == 2);

  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  JoinedClock damaged;
  for (std::size_t part = 0; part < 10; ++part)
    for (const std::int64_t at : {most, -most}) static_cast<void>(damaged.correction(part, at, most));
}
