#include <doctest/doctest.h>

#include "orchestrator/http/event_text.hpp"

using namespace carrel::http;

TEST_CASE("events are written as a browser reads them, and a viewer sees no details") {
  const std::vector<carrel::observe::FeedEvent> events{
      {7, "sandbox.state", "s", R"({"detail":"/var/lib/docker","state":"failed"})"}, {8, "x", "", "{}"}};
  CHECK(event_text(events, Audience::administrators) ==
        "id: 7\nevent: sandbox.state\ndata: {\"detail\":\"/var/lib/docker\",\"state\":\"failed\"}\n\n"
        "id: 8\nevent: x\ndata: {}\n\n");
  CHECK(event_text(events, Audience::viewer) ==
        "id: 7\nevent: sandbox.state\ndata: {\"state\":\"failed\"}\n\nid: 8\nevent: x\ndata: {}\n\n");
  CHECK(event_text({}, Audience::viewer) == ":\n\n");
}

TEST_CASE("an id that is none is as if there were none") {
  CHECK(parse_event_id("18446744073709551615") == 18446744073709551615U);
  for (const char* text : {"", "x", "1x", "-1", " 1", "18446744073709551616"})
    CHECK_FALSE(parse_event_id(text));
}
