#include "orchestrator/cgroup/location.hpp"

#include <doctest/doctest.h>

#include <string>

namespace carrel::cgroup {
namespace {

const std::string kId(64, 'a');

}  // namespace

TEST_CASE("v1 has a path for each controller, those mounted together the same") {
  const auto found = parse_location("9:name=systemd:/docker/" + kId + "\n4:memory:/docker/" + kId +
                                        "\n2:cpu,cpuacct:/docker/" + kId + "\n0::/\n",
                                    kId);
  REQUIRE(found.has_value());
  CHECK(found->v1.at("memory") == "/docker/" + kId);
  CHECK(found->v1.at("cpu") == "/docker/" + kId);
  CHECK(found->v1.at("cpuacct") == "/docker/" + kId);
  CHECK(found->v2.empty());
}

TEST_CASE("v2 has one path, whoever manages it") {
  CHECK(parse_location("0::/docker/" + kId + "\n", kId)->v2 == "/docker/" + kId);
  const std::string scope = "/system.slice/docker-" + kId + ".scope";
  CHECK(parse_location("0::" + scope, kId)->v2 == scope);
  // Podman starts the process in a group below the one with the limits.
  const std::string pod = "/user.slice/user@1000.service/libpod-" + kId + ".scope";
  CHECK(parse_location("0::" + pod + "/container\n", kId)->v2 == pod);
}

TEST_CASE("a hybrid host has both") {
  const auto found = parse_location("4:memory:/docker/" + kId + "\n0::/docker/" + kId + "\n", kId);
  REQUIRE(found.has_value());
  CHECK(found->v1.size() == 1);
  CHECK(found->v2 == "/docker/" + kId);
}

TEST_CASE("a group that is not the container's is not taken") {
  const std::string other(64, 'b');
  for (const std::string& text :
       {std::string(), std::string("0::/\n"), "4:memory:/docker/" + other + "\n", std::string("garbage"),
        "0::/../" + kId, "4:memory:/../../docker/" + kId, "4:memory:" + kId, "memory:/docker/" + kId,
        "0:/docker/" + kId, std::string("::"), std::string(":::"), "7::/docker/" + kId}) {
    CAPTURE(text);
    const auto found = parse_location(text, kId);
    REQUIRE(found.has_error());
    CHECK(found.error().kind == ErrorKind::not_found);
  }
}

TEST_CASE("only a full id names a container") {
  for (const char* id : {"", "a", "aaaaaaaaaaa", "../../../../etc", "docker/aaaaaaaa"}) {
    CAPTURE(std::string(id));
    const auto found = parse_location("0::/docker/" + kId, id);
    REQUIRE(found.has_error());
    CHECK(found.error().kind == ErrorKind::invalid);
  }
}

}  // namespace carrel::cgroup
