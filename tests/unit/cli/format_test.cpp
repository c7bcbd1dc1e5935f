#include "orchestrator/cli/format.hpp"

#include <doctest/doctest.h>

using namespace carrel::cli;
using nlohmann::json;

TEST_CASE("times are RFC 3339 or seconds; ages are told from now") {
  CHECK(time_in("2023-11-14T22:13:20Z") == 1'700'000'000);
  CHECK(time_in("2023-11-14T22:13:20.5Z") == 1'700'000'000);
  CHECK(time_in(1'700'000'000) == 1'700'000'000);
  CHECK_FALSE(time_in("soon").has_value());
  CHECK_FALSE(time_in(nullptr).has_value());
  CHECK(age_text(90, 100) == "10s ago");
  CHECK(age_text(160, 100) == "in 1m");
  CHECK(age_text(100, 100) == "now");
}

TEST_CASE("what is missing, null or of another kind is a dash, not a crash") {
  const json item{{"name", "x"}, {"none", nullptr}, {"empty", ""}, {"flag", true}, {"list", {1, 2}}};
  CHECK(text_in(item, "name") == "x");
  CHECK(text_in(item, "none") == "-");
  CHECK(text_in(item, "empty") == "-");
  CHECK(text_in(item, "missing") == "-");
  CHECK(text_in(item, "flag") == "yes");
  CHECK(text_in(item, "list") == "[1,2]");
  CHECK(text_in(json("no object"), "name") == "-");
  CHECK(bytes_in(item, "name") == "-");
  CHECK(age_in(item, "name", 0) == "-");
  CHECK(items_in(json{{"items", 5}}).empty());
}
