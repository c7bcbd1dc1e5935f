#include "orchestrator/cli/event_parser.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace carrel::cli;

namespace {

constexpr std::string_view kStream =
    ": hello\n\nevent: sandbox.state\r\ndata: {\"a\":1}\r\n\r\ndata: one\ndata:two\nid: 5\n\nevent: "
    "lonely\n\ndata: cut";

}  // namespace

TEST_CASE("events are the same however the bytes are cut") {
  for (std::size_t step = 1; step <= kStream.size(); ++step) {
    CAPTURE(step);
    std::vector<ServerEvent> events;
    EventParser parser([&](const ServerEvent& event) {
      events.push_back(event);
      return true;
    });
    for (std::size_t at = 0; at < kStream.size(); at += step) CHECK(parser.feed(kStream.substr(at, step)));
    REQUIRE(events.size() == 2);
    CHECK(events[0].name == "sandbox.state");
    CHECK(events[0].data == "{\"a\":1}");
    CHECK(events[1].name == "message");
    CHECK(events[1].data == "one\ntwo");
  }
}

TEST_CASE("the reader may have enough") {
  int seen = 0;
  EventParser parser([&](const ServerEvent&) { return ++seen < 2; });
  CHECK_FALSE(parser.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
  CHECK(seen == 2);
}

TEST_CASE("an endless line is not kept") {
  EventParser parser([](const ServerEvent&) { return true; });
  CHECK_FALSE(parser.feed(std::string((1 << 20) + 1, 'x')));
}
