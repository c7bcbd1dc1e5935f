#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "streamer/protocol/codec.hpp"
#include "tests/unit/streamer/random_message.hpp"

using namespace carrel;
using namespace carrel::protocol;

namespace {

// Every value has one form only, so that equal bytes mean equal messages.
bool same(const Message& a, const Message& b) {
  return encode(a) == encode(b);
}

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) {
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the wire form is little-endian and begins with version and type") {
  CHECK(encode(IndexProgress{0x0102030405060708, 9}) ==
        bytes_of({kVersion, 0, 4, 8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("every message comes back as it was") {
  test::RandomMessages messages(1);
  for (int i = 0; i < 3000; ++i) {
    const Message sent = messages.next();
    const Result<Message> got = decode(encode(sent));
    REQUIRE(got.has_value());
    REQUIRE(got->index() == sent.index());
    REQUIRE(same(*got, sent));
    if (const auto* serve = std::get_if<Serve>(&sent)) {
      REQUIRE(std::get<Serve>(*got).conditions == serve->conditions);
      REQUIRE(std::get<Serve>(*got).request_id == serve->request_id);
    }
  }
}

TEST_CASE("no message decodes when it is cut short or has something behind it") {
  test::RandomMessages messages(2);
  for (int i = 0; i < 60; ++i) {
    std::vector<std::byte> bytes = encode(messages.next());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const auto got = decode(std::span(bytes).first(length));
      REQUIRE(!got.has_value());
      REQUIRE(got.error().kind == ErrorKind::invalid);
    }
    bytes.push_back(std::byte{0});
    REQUIRE(!decode(bytes).has_value());
  }
}

TEST_CASE("damaged messages fail or decode to something that is inside the bounds") {
  test::RandomMessages messages(3);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::byte> bytes = encode(messages.next());
    for (std::uint64_t flips = messages.below(4) + 1; flips > 0; --flips) {
      bytes[messages.below(bytes.size())] = static_cast<std::byte>(messages.below(256));
    }
    if (const Result<Message> got = decode(bytes)) {
      REQUIRE(encode(*got) == bytes);
    }
  }
}

TEST_CASE("hostile messages are refused") {
  SUBCASE("nothing") {
    CHECK(!decode({}).has_value());
  }
  SUBCASE("another version") {
    CHECK(!decode(bytes_of({1, 0, 0, 1, 0, 0, 0, 0, 0})).has_value());
  }
  SUBCASE("an unknown type") {
    std::vector<std::byte> bytes = encode(Ping{});
    bytes[2] = std::byte{std::variant_size_v<Message>};
    const auto got = decode(bytes);
    REQUIRE(!got.has_value());
    CHECK(got.error().message.find("unknown type") != std::string::npos);
  }
  SUBCASE("a boolean that is neither") {
    std::vector<std::byte> bytes = encode(Indexed{});
    bytes[11] = std::byte{2};
    CHECK(!decode(bytes).has_value());
  }
  SUBCASE("an enumeration beyond its last value") {
    std::vector<std::byte> bytes = encode(Done{});
    bytes[11] = std::byte{5};
    CHECK(!decode(bytes).has_value());
  }
  SUBCASE("a text longer than the bound, with its bytes") {
    std::vector<std::byte> bytes = encode(Index{});
    bytes.resize(bytes.size() - 2);
    bytes.push_back(std::byte{0x01});
    bytes.push_back(std::byte{0x04});
    bytes.resize(bytes.size() + 0x401);
    CHECK(!decode(bytes).has_value());
  }
  SUBCASE("a count of tracks without tracks") {
    std::vector<std::byte> bytes = encode(Indexed{});
    bytes[bytes.size() - 2] = std::byte{64};
    CHECK(!decode(bytes).has_value());
  }
  SUBCASE("more bytes than a message may have") {
    CHECK(!decode(std::vector<std::byte>(kMaxMessageBytes + 1)).has_value());
  }
}

TEST_CASE("a sender that leaves the bounds is told so") {
  CHECK_THROWS_AS(static_cast<void>(encode(Index{1, std::string(kMaxText + 1, 'x')})), std::length_error);
  Serve serve;
  serve.conditions.ranges.resize(kMaxRanges + 1);
  CHECK_THROWS_AS(static_cast<void>(encode(serve)), std::length_error);
  Indexed indexed;
  indexed.tracks.resize(kMaxTracks);
  CHECK_NOTHROW(static_cast<void>(encode(indexed)));
  for (TrackSummary& track : indexed.tracks) {
    track.title = std::string(kMaxText, 't');
  }
  CHECK_THROWS_AS(static_cast<void>(encode(indexed)), std::length_error);
}
