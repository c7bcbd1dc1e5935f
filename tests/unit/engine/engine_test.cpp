#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/docker/calls.hpp"
#include "orchestrator/sandbox/docker/docker_engine.hpp"
#include "tests/unit/engine/fake_engine.hpp"
#include "tests/unit/engine/run.hpp"

namespace carrel::sandbox {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::docker_that;
using test::FakeEngine;
using State = EngineHealth::State;
namespace asio = boost::asio;

struct Reported {
  std::string name;
  std::string outcome;
  bool operator==(const Reported&) const = default;
};

struct Bench {
  explicit Bench(std::string socket, std::chrono::milliseconds timeout = 10s) {
    DockerOptions options;
    options.socket = std::move(socket);
    options.timeout = timeout;
    options.on_call = [this](std::string_view name, double seconds, std::string_view outcome) {
      CHECK(seconds >= 0);
      reported.push_back({std::string(name), std::string(outcome)});
    };
    engine = make_docker_engine(io.get_executor(), std::move(options));
  }

  template <class T>
  T run(asio::awaitable<T> call) {
    return test::run(io, std::move(call));
  }

  asio::io_context io;
  std::vector<Reported> reported;
  std::unique_ptr<Engine> engine;
};

ContainerSpec small() {
  ContainerSpec spec;
  spec.name = "carrel-ab12";
  spec.image = "carrel-streamer";
  spec.seccomp_profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
  return spec;
}

/// A busy machine may miss the short deadline of a try.
bool answers_again(Bench& bench) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    if (bench.run(bench.engine->list({})).has_value()) return true;
  }
  return false;
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("calls are made in the agreed version, which is asked for once") {
  FakeEngine fake(docker_that([](const std::string&) { return answer(204, ""); }));
  Bench bench(fake.socket());
  CHECK(bench.engine->health().state == State::unknown);
  REQUIRE(bench.run(bench.engine->start("ab")).has_value());
  REQUIRE(bench.run(bench.engine->kill("ab", "SIGRTMIN+1")).has_value());
  std::vector<std::string> lines;
  for (const std::string& request : fake.requests()) lines.push_back(test::first_line(request));
  CHECK(lines == std::vector<std::string>{"GET /version HTTP/1.1", "GET /v1.41/info HTTP/1.1",
                                          "POST /v1.41/containers/ab/start HTTP/1.1",
                                          "POST /v1.41/containers/ab/kill?signal=SIGRTMIN%2B1 HTTP/1.1"});
  CHECK(bench.reported ==
        std::vector<Reported>{{"version", "ok"}, {"info", "ok"}, {"start", "ok"}, {"kill", "ok"}});
  CHECK(bench.engine->health().state == State::ready);
  CHECK(bench.engine->health().message.empty());
}

TEST_CASE("an error says what was being done, the engine's own words, and what to do") {
  FakeEngine fake(docker_that([](const std::string& request) {
    if (has(request, "/create")) return answer(404, R"({"message":"No such image: carrel-streamer:latest"})");
    if (has(request, "/start")) return answer(500, R"({"message":"OCI runtime create failed"})");
    return answer(409, R"({"cause":"x","message":"container is not running","response":409})");
  }));
  Bench bench(fake.socket());
  const auto created = bench.run(bench.engine->create(small()));
  REQUIRE(created.has_error());
  CHECK(created.error().kind == ErrorKind::not_found);
  CHECK(created.error().message ==
        "create container carrel-ab12: No such image: carrel-streamer:latest; put it there with "
        "carrelctl image load (of a package) or scripts/build-image (of a checkout)");
  const auto started = bench.run(bench.engine->start("ab"));
  REQUIRE(started.has_error());
  CHECK(started.error().message == "start container ab: OCI runtime create failed");
  const auto killed = bench.run(bench.engine->kill("ab", "KILL"));
  REQUIRE(killed.has_error());
  CHECK(killed.error().kind == ErrorKind::conflict);
  // One container's trouble is not the engine's.
  CHECK(bench.engine->health().state == State::ready);
  CHECK(bench.reported.back() == Reported{"kill", "refused"});
}

TEST_CASE("removing what is gone is success; what is going is not gone yet") {
  std::atomic<int> status{404};
  FakeEngine fake(docker_that([&](const std::string&) { return answer(status, R"({"message":"m"})"); }));
  Bench bench(fake.socket());
  CHECK(bench.run(bench.engine->remove("ab")).has_value());
  status = 409;
  const auto going = bench.run(bench.engine->remove("ab"));
  REQUIRE(going.has_error());
  CHECK(going.error().kind == ErrorKind::busy);
  status = 500;
  CHECK(bench.run(bench.engine->remove("ab")).has_error());
}

TEST_CASE("a wrong id never reaches the engine") {
  FakeEngine fake(docker_that([](const std::string&) { return answer(204, ""); }));
  Bench bench(fake.socket());
  const auto removed = bench.run(bench.engine->remove("../images/x"));
  REQUIRE(removed.has_error());
  CHECK(removed.error().kind == ErrorKind::invalid);
  CHECK(fake.requests().empty());
}

TEST_CASE("each state of the engine has its own message and a remedy") {
  SUBCASE("missing") {
    Bench bench("/nonexistent/docker.sock");
    const auto info = bench.run(bench.engine->info());
    REQUIRE(info.has_error());
    CHECK(info.error().kind == ErrorKind::unavailable);
    CHECK(has(info.error().message, "/nonexistent/docker.sock"));
    CHECK(bench.engine->health().state == State::missing);
    CHECK(has(bench.engine->health().message, "systemctl start docker"));
    CHECK(bench.reported == std::vector<Reported>{{"version", "unreachable"}});
  }
  SUBCASE("hanging") {
    FakeEngine fake([](const std::string&) { return std::string(1, FakeEngine::kHold); });
    Bench bench(fake.socket(), 200ms);
    const auto list = bench.run(bench.engine->list({}));
    REQUIRE(list.has_error());
    CHECK(list.error().kind == ErrorKind::timeout);
    CHECK(has(list.error().message, "did not answer within 0.2 s"));
    CHECK(bench.engine->health().state == State::hanging);
    CHECK(bench.reported == std::vector<Reported>{{"version", "timeout"}});
  }
  SUBCASE("hanging once the version is known: both share one deadline") {
    FakeEngine fake(docker_that([](const std::string&) { return std::string(1, FakeEngine::kHold); }));
    Bench bench(fake.socket(), 300ms);
    const auto start = std::chrono::steady_clock::now();
    CHECK(bench.run(bench.engine->image("x")).error().kind == ErrorKind::timeout);
    CHECK(std::chrono::steady_clock::now() - start < 2s);
  }
  SUBCASE("not an engine") {
    FakeEngine fake([](const std::string&) { return answer(200, "<html>hello</html>"); });
    Bench bench(fake.socket());
    const auto info = bench.run(bench.engine->info());
    REQUIRE(info.has_error());
    CHECK(has(info.error().message, "is this the socket of a container engine?"));
    CHECK(bench.engine->health().state == State::failing);
  }
  SUBCASE("failing") {
    FakeEngine fake([](const std::string&) { return answer(503, "starting up"); });
    Bench bench(fake.socket());
    CHECK(bench.run(bench.engine->info()).error().kind == ErrorKind::unavailable);
    CHECK(bench.engine->health().state == State::failing);
    CHECK(has(bench.engine->health().message, "starting up"));
  }
  SUBCASE("cut off") {
    FakeEngine fake(docker_that(
        [](const std::string&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n["); }));
    Bench bench(fake.socket());
    CHECK(bench.run(bench.engine->list({})).error().kind == ErrorKind::unavailable);
    CHECK(bench.engine->health().state == State::failing);
  }
  SUBCASE("an answer without an end") {
    FakeEngine fake(docker_that([](const std::string&) { return answer(200, std::string(9U << 20, ' ')); }));
    Bench bench(fake.socket());
    const auto logs = bench.run(bench.engine->logs("ab", 10));
    REQUIRE(logs.has_error());
    CHECK(has(logs.error().message, "larger than"));
  }
}

TEST_CASE("a hanging engine that comes back is ready again") {
  std::atomic<bool> hangs{true};
  FakeEngine fake(docker_that(
      [&](const std::string&) { return hangs ? std::string(1, FakeEngine::kHold) : answer(200, "[]"); }));
  Bench bench(fake.socket(), 300ms);
  CHECK(bench.run(bench.engine->list({})).has_error());
  CHECK(bench.engine->health().state == State::hanging);
  hangs = false;
  CHECK(answers_again(bench));
  CHECK(bench.engine->health().state == State::ready);
}

TEST_CASE("wait has no deadline but that of the answer's head") {
  FakeEngine fake(docker_that([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{\"Status") + FakeEngine::kHold;
  }));
  Bench bench(fake.socket(), 2s);
  bool ended = false;
  asio::co_spawn(bench.io, bench.engine->wait("ab"),
                 [&](std::exception_ptr, const Result<int>&) { ended = true; });
  REQUIRE(test::run_until(bench.io, [&] { return fake.requests().size() == 3; }));
  CHECK_FALSE(test::run_until(
      bench.io, [&] { return ended; }, 3s));
}

TEST_CASE("destroying the engine ends its calls") {
  FakeEngine fake(docker_that([](const std::string&) { return std::string(1, FakeEngine::kHold); }));
  Bench bench(fake.socket());
  int ended = 0;
  const auto count = [&](std::exception_ptr, const auto& result) {
    REQUIRE(result.has_error());
    CHECK(result.error().kind == ErrorKind::unavailable);
    ++ended;
  };
  asio::co_spawn(bench.io, bench.engine->wait("ab"), count);
  asio::co_spawn(bench.io, bench.engine->create(small()), count);
  asio::co_spawn(bench.io, bench.engine->list({}), count);  // not info(): that may have been answered
  REQUIRE(test::run_until(bench.io, [&] { return !fake.requests().empty(); }));
  bench.io.poll();  // all three have begun
  bench.engine.reset();
  CHECK(test::run_until(bench.io, [&] { return ended == 3; }));
}

TEST_CASE("Podman gets the profile's path, Docker the profile") {
  std::string option;
  FakeEngine fake([&](const std::string& request) {
    if (has(request, "GET /version ")) {
      return answer(200,
                    R"({"Version":"4.3.1","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]})");
    }
    if (has(request, "/info ")) return answer(200, R"({"CgroupVersion":"2"})");
    const auto at = request.find("seccomp=");
    option = request.substr(at, request.find('"', at) - at);
    return answer(201, R"({"Id":"ab","Warnings":["no swap limit"]})");
  });
  Bench bench(fake.socket());
  const auto created = bench.run(bench.engine->create(small()));
  REQUIRE(created.has_value());
  CHECK(*created == "ab");
  CHECK(has(option, "carrel-seccomp-"));
  CHECK_FALSE(std::filesystem::exists(option.substr(std::string("seccomp=").size())));
}

TEST_CASE("events arrive one by one, and a lost connection is made again with a gap told") {
  const auto event = [](const char* action) {
    return std::string(R"({"Action":")") + action + R"(","Actor":{"ID":"ab","Attributes":{}}})" + "\n";
  };
  std::atomic<int> connections{0};
  FakeEngine fake([&](const std::string&) {
    const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
    switch (++connections) {
      case 1: return head + event("create") + event("start");
      case 2: return head + "this is no event\n" + event("lost") + FakeEngine::kHold;
      case 3: return answer(500, "{}");
      case 4: return head + std::string(300'000, 'x') + FakeEngine::kHold;
      default: return head + event("die") + FakeEngine::kHold;
    }
  });
  Bench bench(fake.socket());
  std::vector<std::string> seen;
  auto subscription = bench.engine->events(
      {{"carrel.instance", "one"}}, [&](const EngineEvent& one) { seen.push_back(one.action); },
      [&] { seen.emplace_back("gap"); });
  REQUIRE(test::run_until(bench.io, [&] { return !seen.empty() && seen.back() == "die"; }));
  CHECK(seen == std::vector<std::string>{"gap", "create", "start", "gap", "gap", "gap", "die"});
  const std::string line = test::first_line(fake.requests().at(0));
  CHECK(line.starts_with("GET /events?since="));
  CHECK(has(line, "%22label%22%3A%5B%22carrel.instance%3Done%22%5D"));
}

TEST_CASE("a subscription may end itself from its own callback") {
  FakeEngine fake([](const std::string&) {
    const std::string event = R"({"Action":"start","Actor":{"ID":"ab"}})";
    return "HTTP/1.1 200 OK\r\n\r\n" + event + "\n" + event + "\n" + FakeEngine::kHold;
  });
  Bench bench(fake.socket());
  int seen = 0;
  std::unique_ptr<Engine::Subscription> subscription;
  subscription = bench.engine->events(
      {},
      [&](const EngineEvent&) {
        ++seen;
        subscription.reset();
      },
      [] {});
  REQUIRE(test::run_until(bench.io, [&] { return seen > 0; }));
  bench.io.restart();
  bench.io.poll();
  CHECK(seen == 1);
}

TEST_CASE("every reported call and outcome is a series of its own") {
  observe::MetricLabels labels;
  labels.engine_calls.assign(kEngineCalls.begin(), kEngineCalls.end());
  labels.engine_outcomes.assign(kEngineOutcomes.begin(), kEngineOutcomes.end());
  observe::Metrics metrics("0.1.0", labels);
  FakeEngine fake(docker_that([](const std::string&) { return answer(200, "[]"); }));
  Bench bench(fake.socket());
  static_cast<void>(bench.run(bench.engine->list({})));
  static_cast<void>(bench.run(bench.engine->inspect("ab")));
  for (const Reported& one : bench.reported) metrics.engine_call(one.name, 0.1, one.outcome);
  CHECK_FALSE(has(metrics.text(), R"(call="other",outcome="other"} 1)"));
  CHECK(has(metrics.text(), R"(carrel_engine_calls_total{call="list",outcome="ok"} 1)"));
}

}  // namespace carrel::sandbox
