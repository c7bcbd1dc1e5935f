#include "orchestrator/config/network.hpp"

#include <doctest/doctest.h>

#include "orchestrator/config/texts.hpp"

using namespace carrel::config;

TEST_CASE("a network holds the addresses that begin as it does") {
  const auto holds = [](const char* network, const char* address) {
    return contains(parse_network(network).value(), address);
  };
  CHECK(holds("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  CHECK(holds("127.0.0.1", "127.0.0.1"));
  CHECK_FALSE(holds("127.0.0.1", "127.0.0.2"));
  CHECK(holds("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
  CHECK(holds("0.0.0.0/0", "8.8.8.8"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK(holds("::/0", "8.8.8.8"));
  CHECK(holds("fd00::/8", "fdff::1"));
  CHECK_FALSE(holds("fd00::/8", "fe80::1"));
  CHECK(holds("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK_FALSE(holds("::/0", "local"));
  CHECK_FALSE(holds("::/0", ""));
}

TEST_CASE("a network is written as it was read") {
  for (const char* text : {"127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0", "::/0"}) {
    CHECK(to_string(parse_network(text).value()) == text);
  }
}

TEST_CASE("what is no network is refused") {
  for (const char* text :
       {"", "localhost", "10.0.0.0/33", "::1/129", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "/8"}) {
    CAPTURE(text);
    CHECK(parse_network(text).has_error());
  }
}

TEST_CASE("a base path begins with a slash and ends without one") {
  CHECK(check_base_path("/carrel/").value() == "/carrel");
  CHECK(check_base_path("/").value().empty());
  CHECK(check_base_path("").value().empty());
  CHECK(check_base_path("/a/b-c").value() == "/a/b-c");
  CHECK(check_base_path("/films/watch").value() == "/films/watch");
  for (const char* text :
       {"carrel", "/a//b", "/../x", "/a?b", "/a\"b", "https://x/", "/watch", "/stream/carrel"}) {
    CAPTURE(text);
    CHECK(check_base_path(text).has_error());
  }
}

TEST_CASE("levels of parts are named one by one") {
  CHECK(check_part_levels(Value{{"sandbox=debug,http=warn"}, false}).value().size() == 2);
  CHECK(check_part_levels(Value{{" sandbox=debug , http=warn"}, false}).value().front() == "sandbox=debug");
  for (const char* text : {"sandbox", "sandbox=loud", "=debug", "a b=info", "http=debug,http=info"}) {
    CAPTURE(text);
    CHECK(check_part_levels(Value{{text}, false}).has_error());
  }
  const auto unknown = check_part_levels(Value{{"sandbx=debug"}, false});
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().message.find("did you mean sandbox?") != std::string::npos);
}
