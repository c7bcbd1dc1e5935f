#include "orchestrator/config/plan_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "orchestrator/config/load.hpp"
#include "temporary_file.hpp"

using namespace carrel::config;

namespace {

constexpr char kPlan[] = R"([plan]
version = 1
machine = "4 × a processor, 7.7 GiB"
made = "2026-11-29T11:17:39Z"
processors = 4
memory = "7863m"
measured = true
sessions = 8
limited_by = "memory"
mbit = 8.0
conversions = 1
read_ahead_kib = 512

[sandbox]
memory = "256m"
max_total = 10

[limits]
viewer_memory = "128m"

[jobs]
workers = 2

[admission]
viewers = 8
memory = "5632m"
bandwidth = "100000000"

[data]
database_cache = "15m"
)";

Settings errors_of(const std::string& text, const std::optional<HostSize>& host = {}) {
  return parse_plan(text, "plan.toml", host).settings;
}

bool says(const Settings& settings, const std::string& part) {
  return std::ranges::any_of(settings.errors,
                             [&](const auto& e) { return e.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a plan's settings and what it promises") {
  const auto file = parse_plan(kPlan, "plan.toml", HostSize{4, 8ULL << 30});
  CHECK(file.settings.errors.empty());
  CHECK(file.settings.settings.size() == 8);
  REQUIRE(file.taken.has_value());
  CHECK(file.taken->sessions == 8);
  CHECK(file.taken->limited_by == "memory");
  CHECK(file.taken->mbit == 8);
  CHECK(file.taken->measured);
}

TEST_CASE("a plan goes before the defaults, and after everything that an administrator sets") {
  const test::TemporaryFile plan("plan.toml", kPlan);
  const test::TemporaryFile toml(
      "carrel.toml", "[admission]\nplan = \"" + plan.path().string() + "\"\n[jobs]\nworkers = 1\n");
  LoadInputs inputs;
  inputs.toml = toml.path();
  inputs.environment = {{"CARREL_ADMISSION_BANDWIDTH", "5m"}};
  Sources sources;
  const auto config = load(inputs, nullptr, &sources);
  REQUIRE(config.has_value());
  CHECK(config->sandbox.memory == 256ULL << 20);
  CHECK(config->sandbox.max_total == 10);
  CHECK(config->admission.viewers == 8);
  CHECK(config->data.database_cache == 15ULL << 20);
  CHECK(config->jobs.workers == 1);
  CHECK(config->admission.bandwidth == 5ULL << 20);
  CHECK(config->admission.memory == 5632ULL << 20);
  REQUIRE(config->taken_plan.has_value());
  CHECK(config->taken_plan->machine == "4 × a processor, 7.7 GiB");
  CHECK(sources.at("sandbox.memory") == "plan.toml:15");
}

TEST_CASE("what a plan derived from a setting goes with that setting") {
  const std::string pooled = std::string(kPlan) + "\n[pool]\nsize = 2\n";
  const test::TemporaryFile plan("plan.toml", pooled);
  LoadInputs inputs;
  inputs.environment = {{"CARREL_ADMISSION_PLAN", plan.path().string()}};
  const auto planned = load(inputs);
  REQUIRE(planned.has_value());
  CHECK(planned->limits.viewer_memory == 128ULL << 20);
  CHECK(planned->pool.size == 2);
  inputs.environment["CARREL_SANDBOX_MEMORY"] = "1g";
  inputs.environment["CARREL_SANDBOX_MAX_TOTAL"] = "1";
  const auto own = load(inputs);
  REQUIRE(own.has_value());
  CHECK(own->limits.viewer_memory == Config{}.limits.viewer_memory);
  CHECK(own->pool.size == 1);
  inputs.environment["CARREL_LIMITS_VIEWER_MEMORY"] = "300m";
  inputs.environment["CARREL_POOL_SIZE"] = "2";
  const auto refused = load(inputs);
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("pool.size (2) is larger than sandbox.max_total (1)") !=
        std::string::npos);
  inputs.environment["CARREL_SANDBOX_MAX_TOTAL"] = "2";
  const auto set = load(inputs);
  REQUIRE(set.has_value());
  CHECK(set->limits.viewer_memory == 300ULL << 20);
}

TEST_CASE("without a plan there is none") {
  const auto config = load({});
  REQUIRE(config.has_value());
  CHECK_FALSE(config->taken_plan.has_value());
}

TEST_CASE("a bad plan is told to be one, with the place and what to do") {
  CHECK(says(errors_of("[sandbox]\nmemory = \"1g\"\n"), "no section [plan] with a version"));
  CHECK(says(errors_of("[plan]\nversion = 2\n"), "plan.toml:2: plan.version: only version 1 is understood"));
  CHECK(says(errors_of("[plan]\nversion = 1\n[admin]\npassword = \"xxxxxxxx\"\n"),
             "plan.toml:4: admin.password is not a plan's to set"));
  CHECK(says(errors_of("[plan]\nversion = 1\nsessions = -1\n"), "plan.toml:3: plan.sessions"));
  CHECK(says(errors_of("[plan]\nversion = 1\nhope = 1\n"), "plan.toml:3: plan.hope"));
  CHECK(says(errors_of("[plan\n"), "plan.toml:1"));
  CHECK_FALSE(parse_plan("[plan]\nversion = 2\n", "plan.toml", {}).taken.has_value());
}

TEST_CASE("another machine's plan is refused, a machine that grew is not") {
  CHECK(says(errors_of(kPlan, HostSize{2, 8ULL << 30}), "made for 4 processors, and this machine has 2"));
  CHECK(says(errors_of(kPlan, HostSize{4, 4ULL << 30}),
             "made for 7863 MiB of memory, and this machine has 4096 MiB"));
  const auto grown = parse_plan(kPlan, "plan.toml", HostSize{16, 64ULL << 30});
  CHECK(grown.settings.errors.empty());
  CHECK(grown.notice.find("made for 4 processors and 7863 MiB") != std::string::npos);
  CHECK(parse_plan(kPlan, "plan.toml", HostSize{4, 8ULL << 30}).notice.empty());
  // A kernel that keeps a little more for itself is the same machine.
  CHECK(errors_of(kPlan, HostSize{4, 7700ULL << 20}).errors.empty());
}

TEST_CASE("what a plan sets is checked as what anybody sets, and a missing one is an error") {
  const test::TemporaryFile plan("plan.toml", "[plan]\nversion = 1\n[sandbox]\nmemory = \"1k\"\n");
  LoadInputs inputs;
  inputs.environment = {{"CARREL_ADMISSION_PLAN", plan.path().string()}};
  const auto wrong = load(inputs);
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().message.find("plan.toml:4: sandbox.memory") != std::string::npos);
  inputs.environment = {{"CARREL_ADMISSION_PLAN", "/nonexistent/plan.toml"}};
  const auto missing = load(inputs);
  REQUIRE(missing.has_error());
  CHECK(missing.error().message.find("admission.plan: ") != std::string::npos);
}

TEST_CASE("where no bounds are needed, a missing plan and another machine's are warned of") {
  const test::TemporaryFile plan("plan.toml", kPlan);
  LoadInputs inputs;
  inputs.host = HostSize{2, 8ULL << 30};
  inputs.environment = {{"CARREL_ADMISSION_PLAN", plan.path().string()}};
  CHECK(load(inputs).has_error());
  inputs.plan_must_fit = false;
  std::vector<std::string> warnings;
  CHECK(load(inputs, &warnings).has_value());
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("made for 4 processors, and this machine has 2; make it anew") != std::string::npos);
  const std::string bad = std::string(kPlan).replace(std::string(kPlan).find("\"256m\""), 6, "\"lots\"");
  const test::TemporaryFile worse("plan.toml", bad);
  inputs.environment = {{"CARREL_ADMISSION_PLAN", worse.path().string()}};
  CHECK(load(inputs).has_value());
  inputs.environment = {{"CARREL_ADMISSION_PLAN", "/nonexistent/plan.toml"}};
  CHECK(load(inputs, &warnings).has_value());
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[1].find("make one with carrel-hwtune plan") != std::string::npos);
}
