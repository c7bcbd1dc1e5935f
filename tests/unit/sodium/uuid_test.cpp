#include "orchestrator/lib/sodium/uuid.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace carrel::sodium;

TEST_CASE("a new UUID is of version 7, carries its time, and sorts by it") {
  const std::chrono::system_clock::time_point then{
      std::chrono::milliseconds(0x017f22e279b0)};  // RFC 9562, A.6
  const auto uuid = make_uuid_v7(then);
  CHECK(uuid.starts_with("017f22e2-79b0-7"));
  CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  CHECK(uuid < make_uuid_v7(then + std::chrono::milliseconds(1)));
  std::set<std::string> many;
  for (int i = 0; i < 1000; ++i) many.insert(make_uuid_v7(then));
  CHECK(many.size() == 1000);
}

TEST_CASE("only the canonical form is a UUID") {
  const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  REQUIRE(parse_uuid(good));
  CHECK(format_uuid(*parse_uuid(good)) == good);
  for (const char* wrong : {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
                            "017f22e279b0-7cc3-98c4-dc0c0c07398f-", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                            "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "../f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_uuid(wrong));
  }
  CHECK_FALSE(is_uuid(std::string(36, '\0')));
}
