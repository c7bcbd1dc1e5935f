#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/engine/docker_bench.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::sandbox {
namespace {

using test::DockerBench;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string value_of(const std::string& report, const std::string& key) {
  const auto at = ("\n" + report).find("\n" + key + "=");
  if (at == std::string::npos) return "?";
  const auto begin = at + key.size() + 1;
  return report.substr(begin, report.find('\n', begin) - begin);
}

void wait_until_logged(DockerBench& bench, const std::string& id, const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!has(*bench.run(bench.engine().logs(id, 10)), text)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

/// The report of a container with this spec, once it has ended.
std::string report_of(DockerBench& bench, ContainerSpec spec) {
  const std::string id = bench.started(std::move(spec));
  const auto code = bench.run(bench.engine().wait(id));
  REQUIRE(code.has_value());
  CHECK(*code == 0);
  const auto logs = bench.run(bench.engine().logs(id, 200));
  REQUIRE(logs.has_value());
  return *logs;
}

}  // namespace

TEST_CASE("the engine says what it is and is ready") {
  DockerBench bench;
  const auto info = bench.run(bench.engine().info());
  REQUIRE_MESSAGE(info.has_value(), info.error().message);
  CHECK_FALSE(info->version.empty());
  CHECK(info->api_version.starts_with("1."));
  CHECK(bench.engine().health().state == EngineHealth::State::ready);
}

TEST_CASE("the limits and the walls hold, as the container itself sees them") {
  DockerBench bench;
  const support::TemporaryDirectory folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  folder.write("note", "hello from outside\n");
  ContainerSpec spec = bench.spec({"report"});
  spec.mounts = {{folder.path().string(), "/mounted", true}};
  spec.seccomp_profile = R"({"defaultAction":"SCMP_ACT_ALLOW"})";
  const std::string report = report_of(bench, std::move(spec));
  CAPTURE(report);
  CHECK(value_of(report, "memory") == std::to_string(64U << 20));
  CHECK(value_of(report, "pids") == "16");
  const std::string cpu = value_of(report, "cpu");
  CHECK((cpu == "50000" || cpu == "50000 100000"));
  const std::string swap = value_of(report, "swap");
  CHECK((swap == std::to_string(64U << 20) || swap == "0" || swap == "?"));
  CHECK(value_of(report, "write") == "Read-only file system");
  CHECK(value_of(report, "shm") == "absent");
  CHECK(value_of(report, "oom") == "500");
  CHECK(value_of(report, "mount") == "hello from outside");
  CHECK(has(report, "CapEff:\t0000000000000000"));
  CHECK(has(report, "CapBnd:\t0000000000000000"));
  CHECK(has(report, "NoNewPrivs:\t1"));
  CHECK(has(report, "Seccomp:\t2"));
  CHECK(has(report, "Uid:\t65532\t65532\t65532\t65532"));
  CHECK(has(report, "Max open files            256                  256"));
  CHECK(has(report, "Max core file size        0                    0"));
  CHECK(has(report, "to standard error"));
  std::set<std::string> devices;
  for (std::size_t at = report.find("device="); at != std::string::npos;
       at = report.find("device=", at + 1)) {
    std::string name = report.substr(at + 7, report.find('\n', at) - at - 7);
    name.erase(0, name.find_first_not_of(' '));
    devices.insert(name);
  }
  CHECK(devices.count("lo") == 1);
  CHECK(devices.count("eth0") == 0);
}

TEST_CASE("a container is created, started, inspected, listed, killed and removed") {
  DockerBench bench;
  ContainerSpec spec = bench.spec({"hold"});
  spec.labels["carrel.sandbox"] = "ab=12, \"x\"";
  const std::string name = spec.name;
  const auto created = bench.run(bench.engine().create(spec));
  REQUIRE_MESSAGE(created.has_value(), created.error().message);
  const auto again = bench.run(bench.engine().create(spec));
  REQUIRE(again.has_error());
  CHECK(again.error().kind == ErrorKind::conflict);
  CHECK(has(again.error().message, "create container " + name));

  CHECK_FALSE(bench.run(bench.engine().inspect(*created))->running);
  REQUIRE(bench.run(bench.engine().start(*created)).has_value());
  CHECK(bench.run(bench.engine().start(*created)).has_value());

  const auto state = bench.run(bench.engine().inspect(*created));
  REQUIRE(state.has_value());
  CHECK(state->running);
  CHECK(state->id == *created);
  CHECK(state->name == name);
  CHECK(state->labels == spec.labels);
  const auto image = bench.run(bench.engine().image(bench.image()));
  REQUIRE(image.has_value());
  CHECK(image->id == state->image_id);
  CHECK(image->size_bytes > 1000);

  const auto listed = bench.run(bench.engine().list(spec.labels));
  REQUIRE(listed.has_value());
  REQUIRE(listed->size() == 1);
  CHECK(listed->front().id == *created);
  CHECK(listed->front().name == name);
  CHECK(listed->front().running);
  CHECK(listed->front().image_id == state->image_id);
  CHECK(bench.run(bench.engine().list({{"carrel.engine-test", "nobody"}}))->empty());

  REQUIRE(bench.run(bench.engine().kill(*created, "SIGKILL")).has_value());
  CHECK(*bench.run(bench.engine().wait(*created)) == 137);
  const auto dead = bench.run(bench.engine().inspect(*created));
  CHECK_FALSE(dead->running);
  CHECK(dead->exit_code == 137);
  CHECK_FALSE(dead->oom_killed);
  const auto killed_again = bench.run(bench.engine().kill(*created, "SIGKILL"));
  REQUIRE(killed_again.has_error());
  CHECK(killed_again.error().kind == ErrorKind::conflict);

  CHECK(bench.run(bench.engine().remove(*created)).has_value());
  CHECK(bench.run(bench.engine().remove(*created)).has_value());
  const auto gone = bench.run(bench.engine().inspect(*created));
  REQUIRE(gone.has_error());
  CHECK(gone.error().kind == ErrorKind::not_found);
  CHECK(has(gone.error().message, "No such container"));
}

TEST_CASE("shares of the CPU are taken, and a weight of I/O, or it is left away where the kernel has none") {
  DockerBench bench;
  ContainerSpec spec = bench.spec({"hold"});
  spec.io_weight = 200;
  spec.cpu_shares = 256;
  const auto created = bench.run(bench.engine().create(spec));
  REQUIRE_MESSAGE(created.has_value(), created.error().message);
  CHECK(bench.run(bench.engine().start(*created)).has_value());
}

TEST_CASE("an image that is not there is said to be so, with what to do") {
  DockerBench bench;
  ContainerSpec spec = bench.spec({});
  spec.image = "carrel-engine-test-absent";
  const auto created = bench.run(bench.engine().create(spec));
  REQUIRE(created.has_error());
  CHECK(created.error().kind == ErrorKind::not_found);
  CHECK(has(created.error().message, "carrel-engine-test-absent"));
  CHECK(has(created.error().message, "carrelctl image load"));
  CHECK(bench.run(bench.engine().image("carrel-engine-test-absent")).error().kind == ErrorKind::not_found);
}

TEST_CASE("wait tells the exit code; memory beyond the limit is an oom kill") {
  DockerBench bench;
  const std::string three = bench.started(bench.spec({"exit", "3"}));
  CHECK(*bench.run(bench.engine().wait(three)) == 3);
  const std::string eater = bench.started(bench.spec({"eat"}));
  CHECK(*bench.run(bench.engine().wait(eater)) == 137);
  const auto state = bench.run(bench.engine().inspect(eater));
  REQUIRE(state.has_value());
  CHECK(state->oom_killed);
}

TEST_CASE("an update changes the limits of a running container") {
  DockerBench bench;
  const std::string id = bench.started(bench.spec({"limits"}));
  wait_until_logged(bench, id, "ready");
  const auto updated = bench.run(bench.engine().update(id, 128U << 20, 1'000'000'000));
  REQUIRE_MESSAGE(updated.has_value(), updated.error().message);
  REQUIRE(bench.run(bench.engine().kill(id, "SIGUSR1")).has_value());
  CHECK(*bench.run(bench.engine().wait(id)) == 0);
  const std::string report = *bench.run(bench.engine().logs(id, 10));
  CAPTURE(report);
  CHECK(value_of(report, "memory") == std::to_string(128U << 20));
  const std::string cpu = value_of(report, "cpu");
  CHECK((cpu == "100000" || cpu == "100000 100000"));
  const auto nothing = bench.run(bench.engine().update("carrel-engine-test-absent", 1U << 30, 0));
  REQUIRE(nothing.has_error());
  CHECK(nothing.error().kind == ErrorKind::not_found);
}

TEST_CASE("a cancelled wait goes on at once, and the container lives on") {
  DockerBench bench;
  const std::string id = bench.started(bench.spec({"hold"}));
  boost::asio::cancellation_signal signal;
  bool ended = false;
  boost::asio::co_spawn(bench.io(), bench.engine().wait(id),
                        boost::asio::bind_cancellation_slot(
                            signal.slot(), [&](std::exception_ptr, const Result<int>&) { ended = true; }));
  REQUIRE(bench.run(bench.engine().inspect(id))->running);
  CHECK_FALSE(ended);
  signal.emit(boost::asio::cancellation_type::terminal);
  REQUIRE(test::run_until(bench.io(), [&] { return ended; }));
  CHECK(bench.run(bench.engine().inspect(id))->running);
}

TEST_CASE("events tell a container's life, of the wished labels only") {
  DockerBench bench;
  std::vector<std::string> actions;
  std::string exit_code;
  int gaps = 0;
  auto subscription = bench.engine().events(
      bench.labels(),
      [&](const EngineEvent& event) {
        actions.push_back(event.action);
        CHECK(event.time_ns > 0);
        CHECK(event.attributes.count("carrel.engine-test") == 1);
        if (event.action == "die") exit_code = event.attributes.at("exitCode");
      },
      [&] { ++gaps; });
  REQUIRE(test::run_until(bench.io(), [&] { return gaps == 1; }));
  const std::string id = bench.started(bench.spec({"exit", "7"}));
  REQUIRE(bench.run(bench.engine().wait(id)).has_value());
  REQUIRE(bench.run(bench.engine().remove(id)).has_value());
  REQUIRE(test::run_until(bench.io(), [&] { return !actions.empty() && actions.back() == "destroy"; }));
  CHECK(actions == std::vector<std::string>{"create", "start", "die", "destroy"});
  CHECK(exit_code == "7");
  CHECK(gaps == 1);
}

}  // namespace carrel::sandbox
