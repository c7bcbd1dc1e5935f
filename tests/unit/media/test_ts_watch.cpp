#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streamer/demux/ts_watch.hpp"

using namespace carrel::streamer;
using namespace std::string_literals;

namespace {

constexpr int kTable = 0x20, kPicture = 0x100, kSound = 0x101, kOther = 0x102;

std::string two_bytes(int number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

std::string packet(int pid, std::string_view content, bool begins = false, bool encrypted = false) {
  std::string bytes = "\x47" + two_bytes((begins ? 0x4000 : 0) | pid) + (encrypted ? '\x90' : '\x10');
  bytes += content;
  bytes.resize(188, '\xff');
  return bytes;
}

std::string section(int table, int number, const std::string& content) {
  std::string bytes = two_bytes(number) + "\xc1\0\0"s + content + "none";
  return "\0"s + static_cast<char>(table) + two_bytes(0xb000 | static_cast<int>(bytes.size())) + bytes;
}

/// The tables of a programme with some streams.
std::string tables(int number, const std::vector<int>& streams) {
  std::string map = two_bytes(0xe000 | kPicture) + "\xf0\0"s;
  for (const int pid : streams) map += "\x1b" + two_bytes(0xe000 | pid) + "\xf0\0"s;
  return packet(0, section(0, 1, two_bytes(number) + two_bytes(0xe000 | (kTable + number))), true) +
         packet(kTable + number, section(2, number, map), true);
}

TsWatch watched(const std::string& film, std::size_t step = 1 << 20) {
  TsWatch watch;
  for (std::size_t at = 0; at < film.size(); at += step)
    watch.see(at, std::as_bytes(std::span(film)).subspan(at, std::min(step, film.size() - at)));
  return watch;
}

}  // namespace

TEST_CASE("streams that no table names together are apart") {
  const std::string rest = packet(kPicture, "x") + packet(kSound, "x") + packet(kOther, "x");
  const std::string one = tables(1, {kPicture, kSound}) + rest;
  const TsWatch two = watched(one + tables(2, {kOther}) + rest);
  CHECK(two.apart(kOther, kPicture) == "another programme");
  CHECK(two.apart(kSound, kPicture).empty());
  CHECK(two.apart(0x103, kPicture).empty());  // nothing is known of it
  CHECK(two.apart(kOther, 0x103).empty());
  const TsWatch later = watched(one + tables(1, {kOther, 0x104}) + rest);
  CHECK(later.apart(kOther, kPicture) == "another part of the film, which has another picture");
  CHECK(watched(one + tables(1, {kPicture, kOther}) + rest).apart(kOther, kPicture).empty());
}

TEST_CASE("where a stream is encrypted is seen, but not a few packets that are damaged") {
  std::string film = tables(1, {kPicture, kSound});
  for (int i = 0; i < 40; ++i) film += packet(kPicture, "x", false, i % 10 == 0) + packet(kSound, "x");
  const std::size_t from = film.size();
  for (int i = 0; i < 40; ++i) film += packet(kPicture, "x", false, true) + packet(kSound, "x");
  for (const std::size_t step : {film.size(), std::size_t{10'000}}) {
    const TsWatch watch = watched(film, step);
    CHECK(watch.encrypted_from(kPicture).value() == from);
    CHECK_FALSE(watch.encrypted_from(kSound));
    CHECK_FALSE(watch.encrypted_from(-1));
  }
  TsWatch end_first;  // libavformat looks there for the duration
  const auto bytes = std::as_bytes(std::span(film));
  end_first.see(from + 20 * 188, bytes.subspan(from + 20 * 188));
  end_first.see(0, bytes);
  CHECK(end_first.encrypted_from(kPicture).value() == from);
}

TEST_CASE("a transport stream of any bytes does no harm") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string film = tables(1, {kPicture, kSound}) + tables(2, {kOther});
    for (int i = 0; i < 20; ++i) film += packet(i % 3 == 0 ? kTable + 1 : 0, "", i % 2 == 0);
    for (int i = 0; i < 300; ++i) film[random() % film.size()] = static_cast<char>(random());
    for (std::size_t at = 0; at < film.size(); at += 188) film[at] = '\x47';
    static_cast<void>(watched(film, 1 + random() % 2000).apart(kOther, kPicture));
  }
}
