#include <doctest/doctest.h>

#include "orchestrator/http/limits_json.hpp"
#include "orchestrator/http/query.hpp"

using namespace carrel;
using namespace carrel::http;
using nlohmann::json;

TEST_CASE("a query's numbers and times are checked") {
  CHECK(query_number("limit=7", "limit", 1, 10).value() == 7);
  CHECK_FALSE(query_number("limit=", "limit", 1, 10).value());
  for (const char* query :
       {"limit=0", "limit=11", "limit=x", "limit=1x", "limit=99999999999999999999", "limit=+1"}) {
    CAPTURE(query);
    CHECK(query_number(query, "limit", 1, 10).error().kind == ErrorKind::invalid);
  }
  CHECK(query_time("since=1970-01-02T00:00:00Z", "since").value() == 86400);
  CHECK(query_time("since=1970-01-02T00%3A00%3A00Z", "since").value() == 86400);
  CHECK(query_time("since=5", "since").value() == 5);
  for (const char* query : {"since=-5", "since=1969-12-31T23:59:59Z", "since=2026-02-30T00:00:00Z",
                            "since=2026-01-01", "since=now"}) {
    CAPTURE(query);
    CHECK(query_time(query, "since").error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("changes of limits are read exactly") {
  const auto body = json::parse(R"({"memory": 1073741824, "cpus": 0.25, "streams": null})");
  const auto changes = limit_changes(body).value();
  CHECK(changes.memory == std::optional(std::optional<std::uint64_t>(1 << 30)));
  CHECK(changes.millicpus == std::optional(std::optional<std::uint32_t>(250)));
  REQUIRE(changes.streams.has_value());
  CHECK_FALSE(changes.streams->has_value());
  CHECK_FALSE(changes.sessions.has_value());
  const auto all = limit_changes(nullptr).value();
  REQUIRE(all.bandwidth.has_value());
  CHECK_FALSE(all.bandwidth->has_value());
  for (const auto& wrong : {json(5), json::array(), json{{"memory", -1}}, json{{"memory", 1.5}},
                            json{{"memory", "1g"}}, json{{"sessions", std::uint64_t{1} << 32}},
                            json{{"cpus", "1"}}, json{{"cpus", 1e9}}, json{{"x", 1}}}) {
    CAPTURE(wrong.dump());
    CHECK(limit_changes(wrong).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a time in a film is whole seconds or a decimal number, and nothing behind it") {
  CHECK(query_seconds("t=5", "t", 10).value() == 5);
  CHECK(query_seconds("w=1&t=5.75", "t", 10).value() == 5);
  CHECK(query_seconds("t=10", "t", 10).value() == 10);
  for (const char* wrong : {"", "t=", "t=5.junk", "t=5.", "t=.5", "t=5.5.5", "t=-1", "t=%2B1", "t=11", "t=x",
                            "t=99999999999999999999", "t=5%00"}) {
    CAPTURE(wrong);
    CHECK(query_seconds(wrong, "t", 10).has_error());
  }
}
