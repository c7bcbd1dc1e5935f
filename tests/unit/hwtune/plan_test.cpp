#include "hwtune/plan/plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "fake_tree.hpp"
#include "hwtune/detect/detect.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/plan/budget.hpp"
#include "hwtune/plan/write.hpp"

using namespace carrel;
using testing::FakeTree;

namespace {

machine::Facts facts_of(const std::string& name) {
  const FakeTree tree(name);
  return machine::read_facts(tree.root(), {"/srv/films", "/var/lib/carrel"});
}

hwtune::Plan plan_of(const machine::Facts& facts, const std::optional<hwtune::Measured>& measured = {},
                     const hwtune::Wish& wish = {}) {
  return hwtune::make_plan(facts, "a machine", measured, wish, 1'700'000'000);
}

hwtune::Measured measured_with(double random_mb_per_s, double cpu_ms_per_mb) {
  hwtune::Measured measured;
  measured.machine = "a machine";
  measured.reads.push_back({"/srv/films", "sda", "random", 1 << 20, random_mb_per_s, 5});
  measured.sendfile = hwtune::Sendfile{1000, cpu_ms_per_mb};
  return measured;
}

/// CPUs, memory and bytes on the wire that so many viewers take, as shares of the machine's.
struct Load {
  double cpu = 0;
  double memory_gb = 0;
  double link = 0;
};

Load load_of(const hwtune::Plan& plan, const machine::Facts& facts, unsigned viewers) {
  constexpr double kMsPerMb = 3;
  const double megabytes = plan.wished.mbit / 8 * viewers;
  return {(megabytes * kMsPerMb / 1000 + viewers * 0.02) / facts.cpu.threads,
          static_cast<double>(plan.settings.viewer_memory * viewers + plan.settings.sandbox_memory +
                              plan.settings.workers * plan.settings.converter_memory) /
              1e9,
          megabytes * 1.04 * 8 / static_cast<double>(*facts.links.front().mbit)};
}

}  // namespace

TEST_CASE("the reference machine has eight viewers within its bounds, even when nothing was measured") {
  const auto facts = facts_of("reference");
  const auto plan = plan_of(facts);
  CHECK(plan.sessions >= 8);
  CHECK(plan.limited_by == "memory");
  CHECK(plan.settings.sandbox_memory == 512ULL << 20);
  const Load load = load_of(plan, facts, 8);
  CHECK(load.cpu < 0.8);
  CHECK(load.memory_gb < 6);
  CHECK(load.link < 0.8);
  CHECK_FALSE(plan.measured);
  CHECK(plan.warnings.size() == 1);
  CHECK(plan.settings.bandwidth == 100'000'000);
  CHECK(plan.settings.pool == 2);
  CHECK(plan.settings.database_cache == 15ULL << 20);
}

TEST_CASE("what is promised never exceeds the share of the memory") {
  for (const auto* name : {"reference", "arm_board", "server", "nas", "container"}) {
    CAPTURE(name);
    const auto facts = facts_of(name);
    const auto plan = plan_of(facts);
    CHECK(plan.sessions > 0);
    CHECK(static_cast<double>(plan.settings.admission_memory) <=
          static_cast<double>(facts.memory.total) * hwtune::kMemoryShare);
    CHECK(plan.settings.viewers == std::max(1U, plan.sessions));
    CHECK(plan.settings.max_total > plan.settings.viewers);
    CHECK(plan.settings.pool <= plan.settings.max_total);
    CHECK(plan.settings.sandbox_memory >= 128ULL << 20);
  }
}

TEST_CASE("the narrowest resource is named") {
  auto facts = facts_of("reference");
  SUBCASE("network") {
    facts.links.front().mbit = 10;
    const auto plan = plan_of(facts);
    CHECK(plan.limited_by == "network");
    CHECK(plan.sessions == 0);
    CHECK(plan.warnings.back() == "fewer than 5 viewers at once: network bounds it");
  }
  SUBCASE("disk, as it was measured") {
    const auto plan = plan_of(facts_of("arm_board"), measured_with(5, 3));
    CHECK(plan.limited_by == "disk");
    CHECK(plan.sessions == 3);
  }
  SUBCASE("processors, as they were measured") {
    const auto plan = plan_of(facts, measured_with(500, 900));
    CHECK(plan.limited_by == "processors");
    CHECK(plan.sessions == 3);
    CHECK(plan.measured);
  }
  SUBCASE("half duplex halves a link") {
    const auto plan = plan_of(facts_of("nas"));
    CHECK(plan.limited_by == "network");
    CHECK(plan.sessions == 4);
    CHECK(std::ranges::any_of(plan.warnings, [](const auto& w) { return w.find("half duplex") != w.npos; }));
  }
}

TEST_CASE("of two readings of one disk the slower counts, whichever came first") {
  const auto facts = facts_of("reference");
  auto measured = measured_with(120, 2);
  const double speed = hwtune::budgets_of(facts, measured).disk_bytes;
  measured.reads.push_back({"/var/lib/carrel", "sda", "random", 1 << 20, 480, 1});
  CHECK(hwtune::budgets_of(facts, measured).disk_bytes == speed);
  std::swap(measured.reads[0], measured.reads[1]);
  CHECK(hwtune::budgets_of(facts, measured).disk_bytes == speed);
}

TEST_CASE("of the library's disks the slowest counts, whichever is named first; the data's does not") {
  const FakeTree tree("arm_board");
  const auto planned = [&](std::vector<std::string> library) {
    hwtune::Places places;
    places.library = std::move(library);
    places.data = "/var/lib/carrel";
    return hwtune::budgets_of(hwtune::detect(tree.root(), hwtune::no_probes(), places).facts, {});
  };
  const auto fast = planned({"/srv/films"});
  CHECK(fast.disk_kind == "SSD");
  for (const auto& both : {planned({"/srv/films", "/home/films"}), planned({"/home/films", "/srv/films"})}) {
    CHECK(both.disk_kind == "memory card");
    CHECK(both.disk_bytes < fast.disk_bytes);
  }
}

TEST_CASE("a link that does not tell its speed bounds nothing, and neither does a guess about it") {
  const auto plan = plan_of(facts_of("container"));
  CHECK(plan.settings.bandwidth == 0);
  for (const auto& resource : plan.wished.resources) {
    if (resource.name == "network") CHECK_FALSE(resource.streams.has_value());
  }
}

TEST_CASE("a wireless link that does not tell its speed is guessed, low, and said to be") {
  auto facts = facts_of("reference");
  facts.links.front().wireless = true;
  facts.links.front().mbit.reset();
  const auto plan = plan_of(facts);
  CHECK(plan.wished.resources.at(2).name == "network");
  CHECK(plan.wished.resources.at(2).streams == 3);
  CHECK_FALSE(plan.wished.resources.at(2).measured);
  CHECK(view_of(plan, {}).find("does not tell its speed; it is guessed, and low") != std::string::npos);
  CHECK(plan.settings.bandwidth == 0);
  facts.links.front().mbit = 300;
  CHECK(plan_of(facts).wished.resources.at(2).measured);
  CHECK(plan_of(facts).warnings.back().find("what it has at best") != std::string::npos);
}

TEST_CASE("of several ways out the one counts that the kernel takes") {
  const FakeTree tree("reference");
  tree.write("sys/class/net/a0wifi/mtu", "1500\n");
  tree.write("sys/class/net/a0wifi/speed", "54\n");
  tree.write("sys/class/net/a0wifi/wireless/x", "");
  tree.write("sys/class/net/a0wifi/device/x", "");
  const auto wired = [&](const std::string& routes, const std::string& routes6) {
    tree.write("proc/net/route", "Iface Destination Gateway Flags RefCnt Use Metric Mask\n" + routes);
    tree.write("proc/net/ipv6_route", routes6);
    const auto facts = machine::read_facts(tree.root(), {});
    REQUIRE(facts.links.size() == 2);
    const auto plan = plan_of(facts);
    CHECK((plan.settings.bandwidth == 100'000'000) == !facts.links.front().wireless);
    return !facts.links.front().wireless;
  };
  const auto route = [](const std::string& link, const std::string& metric) {
    return link + " 00000000 0101A8C0 0003 0 0 " + metric + " 00000000\n";
  };
  const auto route6 = [](const std::string& link, const std::string& metric) {
    const std::string none(32, '0');
    return none + " 00 " + none + " 00 " + none + " " + metric + " 00000001 00000000 00000003 " + link + "\n";
  };
  CHECK(wired(route("enp0s25", "100") + route("a0wifi", "600"), ""));
  CHECK(wired(route("a0wifi", "600") + route("enp0s25", "100"), ""));
  CHECK_FALSE(wired(route("enp0s25", "1002") + route("a0wifi", "600"), ""));
  CHECK(wired("", route6("a0wifi", "00000258") + route6("enp0s25", "00000064")));
  CHECK_FALSE(wired("", route6("a0wifi", "00000064") + route6("enp0s25", "000000c8")));
  // A second route, and the other family, which the kernel takes rather.
  CHECK(wired(route("enp0s25", "1000") + route("a0wifi", "600") + route("enp0s25", "100"), ""));
  CHECK(wired(route("a0wifi", "600"), route6("enp0s25", "00000064")));
}

TEST_CASE("small machines have smaller sandboxes before they have too few viewers") {
  const auto board = plan_of(facts_of("arm_board"));
  CHECK(board.settings.sandbox_memory == 256ULL << 20);
  CHECK(board.sessions >= 5);
  CHECK(std::ranges::any_of(board.warnings, [](const auto& w) { return w.find("cgroup_enable") != w.npos; }));
}

TEST_CASE("a viewer's sandbox is promised less before memory keeps viewers out, what indexes is not") {
  auto facts = facts_of("reference");
  SUBCASE("down to what eight streams need twice over") {
    const auto plan = plan_of(facts);
    CHECK(plan.settings.viewer_memory == 128ULL << 20);
    CHECK(plan.settings.sandbox_memory == 512ULL << 20);
    CHECK(plan.sessions >= 30);
    CHECK(plan.limited_by == "memory");
  }
  SUBCASE("not where something else keeps them out first") {
    facts.links.front().mbit = 80;
    const auto plan = plan_of(facts);
    CHECK(plan.limited_by == "network");
    CHECK(plan.settings.viewer_memory == 512ULL << 20);
  }
}

TEST_CASE("a server converts more at once, and conversions never take the viewers' memory") {
  const auto plan = plan_of(facts_of("server"));
  CHECK(plan.conversions == 16);
  CHECK(plan.sessions > 100);
  CHECK(plan_of(facts_of("reference")).conversions == 1);
}

TEST_CASE("a higher bitrate never allows more streams") {
  for (const auto* name : {"reference", "server", "nas"}) {
    const auto facts = facts_of(name);
    unsigned before = 100000;
    for (const double mbit : {1.0, 2.0, 5.0, 8.0, 20.0, 50.0, 100.0}) {
      hwtune::Wish wish;
      wish.mbit = mbit;
      const auto plan = plan_of(facts, {}, wish);
      CHECK(plan.sessions <= before);
      before = plan.sessions;
    }
  }
}

TEST_CASE("a virtual disk that calls itself a rotating one is guessed as what it is") {
  CHECK(hwtune::budgets_of(facts_of("vm"), {}).disk_kind == "virtual disk");
  CHECK(plan_of(facts_of("vm")).settings.read_ahead_kib == 512);
}

TEST_CASE("rotating disks read further ahead") {
  CHECK(plan_of(facts_of("nas")).settings.read_ahead_kib == 2048);
  CHECK(plan_of(facts_of("reference")).settings.read_ahead_kib == 512);
  CHECK(plan_of(facts_of("server")).settings.read_ahead_kib == 256);
}

TEST_CASE("what was measured is read back as it was written") {
  auto measured = measured_with(321.5, 0.75);
  measured.at = 1'700'000'000;
  measured.pacing = hwtune::Pacing{1, 0.99, 200000};
  measured.spawn = hwtune::Spawn{3, 20, 60};
  measured.rungs.push_back({"720p", 2.5});
  measured.not_measured.push_back({"spawn", "no engine"});
  const auto again = hwtune::measured_from(json_of(measured).dump());
  REQUIRE(again.has_value());
  CHECK(json_of(*again) == json_of(measured));
}

TEST_CASE("a path that is no UTF-8 does not lose what was measured") {
  auto measured = measured_with(100, 1);
  measured.reads.front().path = "/srv/films/\xff";
  const auto again = hwtune::measured_from(text_of(measured));
  REQUIRE(again.has_value());
  CHECK(again->reads.front().mb_per_s == 100);
  CHECK(again->sendfile->cpu_ms_per_mb == 1);
}

TEST_CASE("figures that cannot be are refused") {
  auto json = json_of(measured_with(100, 1));
  CHECK(hwtune::measured_from(json.dump()).has_value());
  CHECK_FALSE(hwtune::measured_from("").has_value());
  CHECK_FALSE(hwtune::measured_from("[]").has_value());
  json["reads"][0]["mb_per_s"] = -1;
  CHECK_FALSE(hwtune::measured_from(json.dump()).has_value());
  json["reads"][0]["mb_per_s"] = "fast";
  CHECK_FALSE(hwtune::measured_from(json.dump()).has_value());
  json["reads"] = nlohmann::json::array();
  json["version"] = 2;
  CHECK_FALSE(hwtune::measured_from(json.dump()).has_value());
}

TEST_CASE("the plan tells people what to do and carreld what to set") {
  const auto plan = plan_of(facts_of("reference"));
  const auto text = view_of(plan, {});
  CHECK(text.find("viewers at once at 8 Mbit/s; memory bounds it") != std::string::npos);
  CHECK(text.find("a guess") != std::string::npos);
  CHECK(json_of(plan)["rungs"].empty());
  auto measured = measured_with(100, 1);
  measured.rungs = {{"720p", 2.5}};
  const auto rungs = json_of(plan_of(facts_of("reference"), measured))["rungs"];
  CHECK(rungs == nlohmann::json::parse(R"([{"rung": "720p", "times_real": 2.5}])"));
  const auto toml = toml_of(plan);
  CHECK(toml.find("[sandbox]\nmemory = \"512m\"\ncpus = 0.5\n") != std::string::npos);
  CHECK(toml.find("bandwidth = \"100000000\"") != std::string::npos);
  CHECK(toml.find("[limits]\nviewer_memory = \"128m\"\nadmin_memory = \"128m\"\n") != std::string::npos);
}
