#include "orchestrator/cli/identify.hpp"

#include <doctest/doctest.h>

using namespace carrel::cli;
using nlohmann::json;

namespace {

const json kItems{{{"id", "01a1fa79-bf03-74c6-8e72-363692e015d8"}},
                  {{"id", "01a1fa79-c111-7000-8000-000000000000"}},
                  {{"id", "01b00000-0000-7000-8000-000000000000"}}};

}  // namespace

TEST_CASE("a unique prefix is enough, and the whole id is one") {
  CHECK(identify(kItems, "01b", "sandbox", "sandbox ls").value() == "01b00000-0000-7000-8000-000000000000");
  CHECK(identify(kItems, "01a1fa79-c", "sandbox", "sandbox ls").value() ==
        "01a1fa79-c111-7000-8000-000000000000");
  CHECK(identify(kItems, "01a1fa79-bf03-74c6-8e72-363692e015d8", "sandbox", "sandbox ls").has_value());
}

TEST_CASE("an id that is also the beginning of another is meant itself") {
  const json items{{{"id", "abc"}}, {{"id", "abcdef"}}};
  CHECK(identify(items, "abc", "sandbox", "sandbox ls").value() == "abc");
}

TEST_CASE("several are listed, none is told from a typing error") {
  const auto several = identify(kItems, "01a1", "sandbox", "sandbox ls");
  REQUIRE(several.has_error());
  CHECK(several.error().code == ExitCode::usage);
  CHECK(several.error().message.find("01a1fa79-c111") != std::string::npos);
  const auto none = identify(kItems, "01a1fa79-bf0x", "sandbox", "sandbox ls");
  REQUIRE(none.has_error());
  CHECK(none.error().code == ExitCode::not_found);
  CHECK(none.error().message.find("carrelctl sandbox ls") != std::string::npos);
  CHECK(none.error().message.find("did you mean 01a1fa79-b") != std::string::npos);
  CHECK(identify(kItems, "", "sandbox", "sandbox ls").has_error());
  CHECK(identify(json::array(), "x", "sandbox", "sandbox ls").error().code == ExitCode::not_found);
}

TEST_CASE("shown ids are as long as it takes to tell them apart") {
  CHECK(short_ids(kItems) == std::vector<std::string>{"01a1fa79-b", "01a1fa79-c", "01b00000"});
  CHECK(shortened({"abc"}) == std::vector<std::string>{"abc"});
}
