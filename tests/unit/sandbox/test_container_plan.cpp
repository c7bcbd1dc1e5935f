#include <doctest/doctest.h>

#include "orchestrator/sandbox/container_plan.hpp"
#include "orchestrator/sandbox/labels.hpp"

using namespace carrel::sandbox;

namespace {

const ContainerLimits kLimits{"sha256:abc", 512ULL << 20, 0.5, 16, 256, 200};

}  // namespace

TEST_CASE("a session's container carries its labels, its limits, and one read-only mount") {
  const Identity identity{"inst", "box", "sess", "user", 1, Role::streamer};
  const ContainerSpec spec = plan_container(identity, kLimits, "/data/run/box");
  CHECK(spec.name == "carrel-box");
  CHECK(spec.image == "sha256:abc");
  CHECK(spec.memory_bytes == 536870912);
  CHECK(spec.nano_cpus == 500'000'000);
  CHECK(spec.io_weight == 200);
  CHECK(spec.cpu_shares == 0);  // as all else on the host
  CHECK(spec.labels.at(label::kInstance) == "inst");
  CHECK(spec.labels.at(label::kSandbox) == "box");
  CHECK(spec.labels.at(label::kSession) == "sess");
  CHECK(spec.labels.at(label::kUser) == "user");
  CHECK(spec.labels.at(label::kGeneration) == "1");
  CHECK(spec.labels.at(label::kRole) == "streamer");
  REQUIRE(spec.mounts.size() == 1);
  CHECK(spec.mounts.front().read_only);
  CHECK(spec.mounts.front().source == "/data/run/box");
  CHECK(spec.user != "0:0");
  CHECK(spec.command == std::vector<std::string>{"stream", "/run/carrel/control.sock"});
  CHECK(spec.seccomp_profile.find("SCMP_ACT_ERRNO") != std::string::npos);
}

TEST_CASE("a worker is nobody's session") {
  const Identity identity{"inst", "box", "", "", 1, Role::worker};
  const ContainerSpec spec = plan_container(identity, kLimits, "/data/run/box");
  CHECK_FALSE(spec.labels.contains(label::kSession));
  CHECK(spec.labels.at(label::kRole) == "worker");
  CHECK(spec.command.front() == "index");
  CHECK(spec.cpu_shares == 256);
}
