#include <doctest/doctest.h>

#include "fake_tree.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/watch/health.hpp"

using namespace carrel;
using testing::FakeTree;

namespace {

constexpr char kSata[] = R"({"smart_status": {"passed": true}, "temperature": {"current": 31},
  "power_on_time": {"hours": 8760}, "ata_smart_attributes": {"table": [
    {"id": 5, "value": 100, "raw": {"value": 2}}, {"id": 197, "value": 100, "raw": {"value": 1}},
    {"id": 202, "name": "Percent_Lifetime_Remain", "value": 88, "raw": {"value": 12}}, {"id": 194, "value": 69, "raw": {"value": 31}}]}})";
constexpr char kNvme[] = R"({"smart_status": {"passed": false},
  "nvme_smart_health_information_log": {"percentage_used": 104, "media_errors": 7}})";
constexpr char kRefused[] =
    R"({"smartctl": {"exit_status": 2, "messages": [{"string": "Permission denied", "severity": "error"}]}})";
constexpr char kAsleep[] = R"json({"smartctl": {"exit_status": 2, "messages": [
    {"string": "Device is in STANDBY mode, exit(2)", "severity": "information"}]}})json";

}  // namespace

TEST_CASE("what disks say of themselves") {
  const auto sata = hwtune::parse_smart("sda", kSata);
  CHECK(sata.passed == true);
  CHECK(sata.worn == doctest::Approx(0.12));
  CHECK(sata.bad_sectors == 3);
  CHECK(sata.celsius == 31);
  CHECK(sata.hours == 8760);
  CHECK(sata.why_not.empty());
  const auto nvme = hwtune::parse_smart("nvme0n1", kNvme);
  CHECK(nvme.passed == false);
  CHECK(nvme.worn == doctest::Approx(1.04));
  CHECK(nvme.bad_sectors == 7);
  CHECK(hwtune::parse_smart("sda", kRefused).why_not == "Permission denied");
  CHECK(hwtune::parse_smart("sda", "{}").why_not == "it tells nothing of its health");
  CHECK(hwtune::parse_smart("sda", "no").why_not.find("version 7") != std::string::npos);
  CHECK(hwtune::parse_smart("sda", "").why_not == "smartctl said nothing within 10 s");
  CHECK(hwtune::parse_smart("sda", R"({"ata_smart_attributes": {"table": [{"id": "x"}, 5]}})").why_not != "");
}

TEST_CASE("an attribute tells of wear if its maker's name for it does") {
  const auto worn = [](int id, const std::string& name, int value) {
    const auto text = R"({"ata_smart_attributes": {"table": [{"id": 5, "value": 100, "raw": {"value": 0}},
      {"id": )" + std::to_string(id) +
                      R"(, "name": ")" + name + R"(", "value": )" + std::to_string(value) + "}]}}";
    return hwtune::parse_smart("sda", text).worn;
  };
  for (const auto& [id, name] : {std::pair(173, "Wear_Leveling_Count"),
                                 {177, "Wear_Leveling_Count"},
                                 {202, "Percent_Lifetime_Remain"},
                                 {202, "Percent_Lifetime_Used"},
                                 {202, "Perc_Rated_Life_Used"},
                                 {231, "SSD_Life_Left"},
                                 {233, "Media_Wearout_Indicator"},
                                 {233, "Remaining_Lifetime_Perc"}}) {
    CAPTURE(name);
    CHECK(worn(id, name, 93) == doctest::Approx(0.07));
  }
  for (const auto& [id, name] : {std::pair(233, "SandForce_Internal"),
                                 {233, "Lifetime_Wts_To_Flsh_GB"},
                                 {231, "Temperature_Celsius"},
                                 {202, "Data_Address_Mark_Errs"},
                                 {177, "Wear_Range_Delta"},
                                 {173, "Unknown_SandForce_Attr"},
                                 {230, "Media_Wearout_Indicator"}}) {
    CAPTURE(name);
    CHECK_FALSE(worn(id, name, 0).has_value());
  }
  CHECK_FALSE(
      hwtune::parse_smart("sda", R"({"ata_smart_attributes": {"table": [{"id": 233, "value": 0}]}})").worn);
}

TEST_CASE("each disk is asked once, and one that cannot be asked says why") {
  const FakeTree tree("reference");
  const auto disks = machine::read_disks(tree.root(), {"/srv/my films", "/var/lib/carrel"});
  REQUIRE(disks.size() == 2);
  int asked = 0;
  const auto well = hwtune::ask_disks(disks, [&](const std::string& device) -> Result<std::string> {
    ++asked;
    CHECK(device == "sda");
    return std::string(kSata);
  });
  CHECK(asked == 1);
  CHECK(well.at(0).hours == 8760);
  const auto absent = hwtune::ask_disks(disks, [](const std::string&) -> Result<std::string> {
    return make_error(ErrorKind::not_found, "there is no program smartctl");
  });
  CHECK(absent.at(0).why_not == "there is no program smartctl; install smartmontools");
}

TEST_CASE("a disk that cannot be seen is told, not left out") {
  const auto disks = machine::read_disks(FakeTree("zfs").root(), {"/srv/films"});
  hwtune::Health health;
  health.disks = hwtune::ask_disks(disks, [](const std::string&) -> Result<std::string> {
    FAIL("there is nobody to ask");
    return std::string();
  });
  const auto text = view_of(health, nullptr, {});
  CHECK(text.find("disk of /srv/films") != std::string::npos);
  CHECK(text.find("cannot be seen") != std::string::npos);
  CHECK(json_of(health)["disks"][0]["path"] == "/srv/films");
  CHECK(prometheus_of(health).find("disk") == std::string::npos);
}

TEST_CASE("each disk of an array is asked") {
  std::vector<std::string> asked;
  const auto disks = machine::read_disks(FakeTree("raid").root(), {"/srv/films"});
  const auto found = hwtune::ask_disks(disks, [&](const std::string& device) -> Result<std::string> {
    asked.push_back(device);
    return std::string(kSata);
  });
  CHECK(asked == std::vector<std::string>{"sda", "sdb"});
  CHECK(found.size() == 2);
}

TEST_CASE("a disk that comes later is asked in the next round, which is ten minutes later") {
  const auto raid = machine::read_disks(FakeTree("raid").root(), {"/srv/films"});
  std::vector<machine::Disk> there;
  std::vector<std::string> asked;
  hwtune::DiskRounds rounds([&] { return there; },
                            [&](const std::string& device) -> Result<std::string> {
                              asked.push_back(device);
                              return std::string(kSata);
                            });
  constexpr std::int64_t kStart = 1'700'000'000;
  CHECK(rounds.at(kStart).empty());
  there = raid;
  CHECK(rounds.at(kStart + 599).empty());
  CHECK(rounds.at(kStart + 600).size() == 2);
  there.clear();
  CHECK(rounds.at(kStart + 1199).size() == 2);
  CHECK(rounds.at(kStart + 1200).empty());
  CHECK(asked == std::vector<std::string>{"sda", "sdb"});
  SUBCASE("and at once when the clock was set back") {
    there = raid;
    CHECK(rounds.at(kStart - 86400).size() == 2);
    CHECK(rounds.at(kStart - 86400 + 599).size() == 2);
    CHECK(asked.size() == 4);
  }
}

TEST_CASE("a disk that sleeps is not woken, and is as it was last known") {
  const auto raid = machine::read_disks(FakeTree("raid").root(), {"/srv/films"});
  bool sleeps = true;
  hwtune::DiskRounds rounds([&] { return raid; },
                            [&](const std::string& device) -> Result<std::string> {
                              return std::string(sleeps && device == "sda" ? kAsleep : kSata);
                            });
  const auto& first = rounds.at(0).at(0);
  CHECK(first.asleep);
  CHECK(first.why_not == "it sleeps, and is not woken to be asked");
  sleeps = false;
  CHECK_FALSE(rounds.at(600).at(0).asleep);
  sleeps = true;
  for (const std::int64_t now : {1200, 1800}) {
    hwtune::Health health;
    health.disks = rounds.at(now);
    CHECK(health.disks.at(0).asleep);
    CHECK(health.disks.at(0).hours == 8760);
    CHECK_FALSE(health.disks.at(0).celsius.has_value());
    CHECK_FALSE(health.disks.at(1).asleep);
    CHECK(view_of(health, nullptr, {}).find("asleep, as last known") != std::string::npos);
    CHECK(prometheus_of(health).find("carrel_machine_disk_healthy{disk=\"sda\"} 1\n") != std::string::npos);
  }
}

TEST_CASE("heat is held against what the machine bears") {
  SUBCASE("below it") {
    const auto strain = machine::read_strain(FakeTree("reference").root());
    CHECK(strain.sensor == "coretemp");
    CHECK(strain.celsius == 46);
    CHECK(strain.warm == 85);
    CHECK(strain.hot == 95);
    CHECK(strain.all_stalled == 0);
  }
  SUBCASE("above it") {
    const auto strain = machine::read_strain(FakeTree("nas").root());
    CHECK(strain.celsius == 78);
    CHECK(strain.warm == 75);
    CHECK(strain.hot == 85);
    CHECK_FALSE(strain.all_stalled.has_value());
  }
  SUBCASE("passive and critical trips") {
    const auto strain = machine::read_strain(FakeTree("arm_board").root());
    CHECK(strain.warm == 80);
    CHECK(strain.hot == 90);
  }
  SUBCASE("only a critical one") {
    const FakeTree tree("reference");
    tree.remove("sys/class/hwmon");
    const auto strain = machine::read_strain(tree.root());
    CHECK(strain.sensor == "acpitz");
    CHECK(strain.warm == 90);
    CHECK(strain.hot == 100);
  }
  SUBCASE("a hot sensor is not hidden by one that is farther beyond a lower bound") {
    const FakeTree tree("reference");
    tree.write("sys/class/hwmon/hwmon0/temp1_input", "99000\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_max", "95000\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_crit", "100000\n");
    tree.write("sys/class/thermal/thermal_zone0/temp", "66000\n");
    tree.write("sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n");
    tree.write("sys/class/thermal/thermal_zone0/trip_point_0_temp", "60000\n");
    auto strain = machine::read_strain(tree.root());
    CHECK(strain.sensor == "coretemp");
    CHECK(strain.celsius == 99);
    CHECK(strain.hot == 95);
    // Of two that are warm, the one that is nearer to being hot.
    tree.write("sys/class/hwmon/hwmon0/temp1_max", "92000\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_crit", "105000\n");
    strain = machine::read_strain(tree.root());
    CHECK(strain.sensor == "coretemp");
    tree.write("sys/class/thermal/thermal_zone0/temp", "70000\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_input", "93000\n");
    strain = machine::read_strain(tree.root());
    CHECK(strain.sensor == "acpitz");
    CHECK(strain.hot == 70);
    const auto text = prometheus_of(hwtune::read_health(tree.root(), 1));
    CHECK(text.find("carrel_machine_warm_celsius{sensor=\"acpitz\"} 60\n") != std::string::npos);
    CHECK(text.find("carrel_machine_hot_celsius{sensor=\"acpitz\"} 70\n") != std::string::npos);
    CHECK(text.find("carrel_machine_hot_celsius{sensor=\"coretemp\"} 100\n") != std::string::npos);
    CHECK(text.find("carrel_machine_hot_celsius{sensor=\"x86_pkg_temp\"}") == std::string::npos);
  }
  SUBCASE("nothing to be seen") {
    const auto strain = machine::read_strain(FakeTree("container").root());
    CHECK_FALSE(strain.celsius.has_value());
  }
  SUBCASE("AMD's processors tell no bound, and are kept from slowing themselves down all the same") {
    const FakeTree tree("container");
    for (const std::string name : {"k10temp", "zenpower"}) {
      tree.write("sys/class/hwmon/hwmon0/name", name + "\n");
      tree.write("sys/class/hwmon/hwmon0/temp1_input", "89000\n");
      const auto health = hwtune::read_health(tree.root(), 1);
      CHECK(health.strain.sensor == name);
      CHECK(health.strain.warm == 80);
      CHECK(health.strain.hot == 90);
      CHECK(view_of(health, nullptr, {}).find("warm: fewer conversions") != std::string::npos);
      tree.write("sys/class/hwmon/hwmon0/temp1_input", "99000\n");
      const auto hot = hwtune::read_health(tree.root(), 1);
      CHECK(view_of(hot, nullptr, {}).find("hot: no new sandbox") != std::string::npos);
      CHECK(json_of(hot)["sensor"] == name);
    }
    // What one says goes before.
    tree.write("sys/class/hwmon/hwmon0/temp1_max", "70000\n");
    CHECK(machine::read_strain(tree.root()).warm == 70);
  }
  SUBCASE("what tells no bound is shown, and sheds nothing") {
    const FakeTree tree("container");
    CHECK(view_of(hwtune::read_health(tree.root(), 1), nullptr, {}).find("no sensor to be seen") !=
          std::string::npos);
    tree.write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
    tree.write("sys/class/thermal/thermal_zone0/temp", "51000\n");
    const auto health = hwtune::read_health(tree.root(), 1);
    CHECK_FALSE(health.strain.celsius.has_value());
    const auto text = view_of(health, nullptr, {});
    CHECK(text.find("temperature (acpitz)") != std::string::npos);
    CHECK(text.find("51 °C") != std::string::npos);
    CHECK(text.find("it tells no bound") != std::string::npos);
  }
}

TEST_CASE("memory is the machine's, for sandboxes are not in the control group of the container that asks") {
  const auto strain = machine::read_strain(FakeTree("container").root());
  CHECK(strain.memory_total == 32000000ULL * 1024);
  CHECK(strain.memory_available == 20000000ULL * 1024);
}

TEST_CASE("the cache of ZFS is no memory that is used up") {
  const FakeTree tree("zfs");
  const auto strain = machine::read_strain(tree.root());
  CHECK(strain.memory_available == 900000ULL * 1024 + 8'000'000'000 - 500'000'000);
  CHECK(machine::read_memory(tree.root()).available == strain.memory_available);
}

TEST_CASE("throttling is counted over all processors") {
  const FakeTree tree("reference");
  tree.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
  tree.write("sys/devices/system/cpu/cpu3/thermal_throttle/package_throttle_count", "4\n");
  CHECK(machine::read_strain(tree.root()).throttled == 7);
  // Of one package each processor counts the same.
  tree.write("sys/devices/system/cpu/cpu2/thermal_throttle/package_throttle_count", "4\n");
  CHECK(machine::read_strain(tree.root()).throttled == 7);
  tree.write("sys/devices/system/cpu/cpu2/topology/physical_package_id", "1\n");
  CHECK(machine::read_strain(tree.root()).throttled == 11);
}

TEST_CASE("where no kernel counts how often processors were slowed down, nobody says never") {
  const FakeTree tree("arm_board");
  const auto health = hwtune::read_health(tree.root(), 1);
  CHECK_FALSE(health.strain.throttled.has_value());
  CHECK(view_of(health, &health, {}).find("unknown: the kernel does not count") != std::string::npos);
  CHECK(prometheus_of(health).find("carrel_machine_throttled_total") == std::string::npos);
  CHECK_FALSE(json_of(health).contains("throttled"));
  const auto counted = prometheus_of(hwtune::read_health(FakeTree("reference").root(), 1));
  CHECK(counted.find("carrel_machine_throttled_total 0\n") != std::string::npos);
}

TEST_CASE("the table says what is wrong and what has become worse") {
  const FakeTree tree("nas");
  auto health = hwtune::read_health(tree.root(), 100);
  const auto first = view_of(health, nullptr, {});
  CHECK(first.find("warm: fewer conversions") != std::string::npos);
  CHECK(first.find("look at the cable") != std::string::npos);
  CHECK(first.find("the kernel does not tell (PSI)") != std::string::npos);
  tree.write("sys/class/net/eth0/statistics/rx_errors", "440\n");
  tree.write("sys/class/hwmon/hwmon1/temp1_input", "86000\n");
  auto later = hwtune::read_health(tree.root(), 105);
  later.disks = {hwtune::parse_smart("sda", kNvme)};
  const auto second = view_of(later, &health, {});
  CHECK(second.find("9 more errors") != std::string::npos);
  CHECK(second.find("hot: no new sandbox") != std::string::npos);
  CHECK(second.find("fails its own test: replace it") != std::string::npos);
}

TEST_CASE("memory is well where carreld takes on everything, by the reserve that it is told to leave") {
  auto health = hwtune::read_health(FakeTree("nas").root(), 100);
  const auto state = [&](std::uint64_t available, std::uint64_t reserve) {
    health.strain.memory_available = available;
    health.memory_reserve = reserve;
    const auto text = view_of(health, nullptr, {});
    const auto at = text.find("memory to be had");
    return text.substr(at, text.find('\n', at) - at);
  };
  constexpr std::uint64_t kMiB = 1 << 20;
  CHECK(state(1024 * kMiB, 512 * kMiB).find("well") != std::string::npos);
  CHECK(state(1023 * kMiB, 512 * kMiB).find("scarce: fewer conversions") != std::string::npos);
  CHECK(state(511 * kMiB, 512 * kMiB).find("short: no new sandbox") != std::string::npos);
  CHECK(state(511 * kMiB, 512 * kMiB).find("scarce 1 GiB, least 512 MiB") != std::string::npos);
  CHECK(state(90 * kMiB, 32 * kMiB).find("well") != std::string::npos);
  const auto json = json_of(health);
  CHECK(json["memory_total"] == health.strain.memory_total);
  CHECK(json["memory_scarce"] == 64 * kMiB);
  CHECK(json["memory_least"] == 32 * kMiB);
}

TEST_CASE("Prometheus gets each series once, and nothing of what is not known") {
  const FakeTree tree("reference");
  auto health = hwtune::read_health(tree.root(), 1700000000);
  health.sensors.push_back(health.sensors.back());
  health.disks = {hwtune::parse_smart("sda", kSata), hwtune::parse_smart("sdb", kRefused)};
  const auto text = prometheus_of(health);
  CHECK(text.find("carrel_machine_temperature_celsius{sensor=\"coretemp\"} 46\n") != std::string::npos);
  CHECK(text.find("carrel_machine_temperature_celsius{sensor=\"coretemp-2\"} 46\n") != std::string::npos);
  CHECK(text.find("# TYPE carrel_machine_link_errors_total counter\n") != std::string::npos);
  CHECK(text.find("carrel_machine_disk_worn_ratio{disk=\"sda\"} 0.12\n") != std::string::npos);
  CHECK(text.find("sdb") == std::string::npos);
  CHECK(text.find("carrel_machine_watched_timestamp_seconds 1700000000\n") != std::string::npos);
  const auto little = prometheus_of(hwtune::read_health(FakeTree("container").root(), 1));
  CHECK(little.find("temperature") == std::string::npos);
  CHECK(little.find("stalled") == std::string::npos);
}
