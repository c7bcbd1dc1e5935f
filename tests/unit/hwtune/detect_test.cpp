#include "hwtune/detect/detect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fake_tree.hpp"
#include "hwtune/detect/json.hpp"
#include "hwtune/detect/view.hpp"

using namespace carrel;
using testing::FakeTree;

namespace {

hwtune::Detected looked_at(const FakeTree& tree, std::vector<std::string> library = {"/srv/films"}) {
  hwtune::Places places;
  places.library = std::move(library);
  places.data = "/var/lib/carrel";
  return hwtune::detect(tree.root(), hwtune::no_probes(), places);
}

const machine::Disk& disk_with(const machine::Facts& facts, const std::string& path) {
  for (const auto& disk : facts.disks) {
    if (std::ranges::find(disk.paths, path) != disk.paths.end()) return disk;
  }
  FAIL("no disk holds " << path);
  return facts.disks.front();
}

}  // namespace

TEST_CASE("the reference machine") {
  const FakeTree tree("reference");
  const auto facts = looked_at(tree, {"/srv/my films/new"}).facts;
  CHECK(facts.board == "OptiPlex 7010");
  CHECK(facts.cpu.model == "Intel(R) Core(TM) i5-3470 CPU @ 3.20GHz");
  CHECK(facts.cpu.sockets == 1);
  CHECK(facts.cpu.cores == 4);
  CHECK(facts.cpu.threads == 4);
  CHECK(facts.cpu.features == std::vector<std::string>{"sse4_2", "avx", "aes"});
  CHECK(facts.cpu.governor == "powersave");
  CHECK(facts.cpu.governors == std::vector<std::string>{"performance", "powersave"});
  CHECK(facts.cpu.max_mhz == 3600);
  CHECK_FALSE(facts.cpu.quota.has_value());
  CHECK(facts.memory.total == 8052120ULL * 1024);
  CHECK(facts.cgroups.version == "v2");
  CHECK(facts.cgroups.controllers.size() == 8);
  CHECK(facts.encoders.size() == 1);
  CHECK(facts.encoders[0].kind == "VAAPI (Intel Quick Sync)");
  CHECK(facts.sysctls.at("vm.swappiness") == "60");

  // A trip at 0 is none.
  REQUIRE(facts.sensors.size() == 3);
  CHECK(facts.sensors[1].name == "x86_pkg_temp");
  CHECK(facts.sensors[1].trips.empty());
  CHECK(facts.sensors[2].trips.size() == 2);

  const auto& films = disk_with(facts, "/srv/my films/new");
  CHECK(films.device == "sda");
  CHECK(films.mount_point == "/srv/my films");
  CHECK(films.rotating == false);
  CHECK(films.scheduler == "mq-deadline");
  CHECK(films.schedulers == std::vector<std::string>{"mq-deadline", "none"});
  CHECK(films.queue_depth == 32);
  CHECK(films.read_ahead_kib == 128);
  CHECK(films.trims);
  CHECK_FALSE(films.trims_at_once);
  CHECK(films.size == 1953525168ULL * 512);
  CHECK(disk_with(facts, "/var/lib/carrel").mount_point == "/");

  // Bridges and the loopback are no way out.
  REQUIRE(facts.links.size() == 1);
  CHECK(facts.links[0].mbit == 1000);
  CHECK(facts.links[0].duplex == "full");
  CHECK(facts.links[0].driver == "e1000e");
  CHECK(facts.links[0].way_out);
}

TEST_CASE("a board with ARM cores, whose kernel bounds no memory") {
  const FakeTree tree("arm_board");
  const auto facts = looked_at(tree).facts;
  CHECK(facts.cpu.model == "Raspberry Pi 4 Model B Rev 1.4");
  CHECK(facts.cpu.cores == 4);
  CHECK(facts.cpu.features == std::vector<std::string>{"asimd"});
  CHECK(std::ranges::find(facts.cgroups.controllers, "memory") == facts.cgroups.controllers.end());
  CHECK(disk_with(facts, "/srv/films").model == "Portable SSD T5");
  CHECK(disk_with(facts, "/var/lib/carrel").device == "mmcblk0");
  CHECK(facts.sensors.at(0).trips.at(0).celsius == 80);
  REQUIRE(facts.encoders.size() == 1);
  CHECK(facts.encoders[0].node == "/dev/video11");
}

TEST_CASE("a server: two sockets, NVMe under a mapped device, links in order of use") {
  const FakeTree tree("server");
  const auto facts = looked_at(tree).facts;
  CHECK(facts.cpu.sockets == 2);
  CHECK(facts.cpu.cores == 16);
  CHECK(facts.cpu.threads == 32);
  const auto& films = disk_with(facts, "/srv/films");
  CHECK(films.file_system == "btrfs");
  CHECK(films.layers == std::vector<std::string>{"dm-0"});
  CHECK(films.device == "nvme0n1");
  CHECK(disk_with(facts, "/var/lib/carrel").trims_at_once);
  REQUIRE(facts.links.size() == 3);
  CHECK(facts.links[0].name == "ens1f0");
  CHECK(facts.links[0].mbit == 10000);
  CHECK(facts.links[0].mtu == 9000);
  CHECK(facts.links[2].state == "down");
  CHECK_FALSE(facts.links[2].mbit.has_value());
  CHECK_FALSE(facts.links[2].duplex.has_value());
}

TEST_CASE("all the disks below layers are found, and files have the read-ahead of the topmost") {
  const FakeTree tree("raid");
  tree.write("sys/class/block/dm-0/queue/read_ahead_kb", "256\n");
  const auto detected = looked_at(tree);
  const auto& films = disk_with(detected.facts, "/srv/films");
  CHECK(films.layers == std::vector<std::string>{"dm-0", "md0"});
  CHECK(films.device == "sda");
  REQUIRE(films.beside.size() == 1);
  CHECK(films.beside[0].device == "sdb");
  CHECK(films.beside[0].model == "ST4000VN008-2DR1");
  CHECK(films.beside[0].schedulers == std::vector<std::string>{"mq-deadline", "none", "bfq"});
  CHECK(films.read_ahead_kib == 256);
  CHECK(hwtune::view_of(detected, {}).find("and sdb under dm-0, md0") != std::string::npos);
  CHECK(hwtune::json_of(detected)["disks"][0]["beside"][0] == "sdb");
}

TEST_CASE("a disk that a host makes up is known by its vendor or its model") {
  const FakeTree tree("vm");
  const auto virtual_as = [&](const std::string& vendor, const std::string& model) {
    tree.write("sys/class/block/sda/device/vendor", vendor + "\n");
    tree.write("sys/class/block/sda/device/model", model + "\n");
    return is_virtual(disk_with(looked_at(tree).facts, "/srv/films"));
  };
  const auto detected = looked_at(tree);
  CHECK(is_virtual(disk_with(detected.facts, "/srv/films")));
  CHECK(hwtune::view_of(detected, {}).find("virtual disk sda") != std::string::npos);
  CHECK(virtual_as("ATA     ", "VBOX HARDDISK   "));
  CHECK(virtual_as("QEMU    ", "QEMU HARDDISK   "));
  CHECK(virtual_as("VMware  ", "Virtual disk    "));
  CHECK(virtual_as("Msft    ", "Virtual Disk    "));
  CHECK_FALSE(virtual_as("ATA     ", "WDC WD10EZEX-08W"));
}

TEST_CASE("a btrfs on two disks, which reads ahead by itself") {
  const FakeTree tree("raid");
  tree.write("proc/self/mountinfo", "24 1 0:30 / / rw,relatime - btrfs /dev/sdb1 rw\n");
  tree.write("sys/fs/btrfs/0c6c3c2e/devices/sda1/size", "7814035087\n");
  tree.write("sys/fs/btrfs/0c6c3c2e/devices/sdb1/size", "7814035087\n");
  const auto facts = looked_at(tree).facts;
  const auto& films = disk_with(facts, "/srv/films");
  CHECK(films.device == "sda");
  REQUIRE(films.beside.size() == 1);
  CHECK(films.beside[0].device == "sdb");
  CHECK_FALSE(films.read_ahead_kib.has_value());
}

TEST_CASE("a btrfs on what is mapped, whose mount tells neither number nor device") {
  const FakeTree tree("raid");
  tree.write("proc/self/mountinfo", "24 1 0:30 / / rw,relatime - btrfs /dev/mapper/vg0-films rw\n");
  tree.write("sys/class/block/dm-0/dm/name", "vg0-films\n");
  const auto films = disk_with(looked_at(tree).facts, "/srv/films");
  CHECK(films.layers == std::vector<std::string>{"dm-0", "md0"});
  CHECK(films.device == "sda");
  CHECK(films.beside.size() == 1);
  tree.write("sys/class/block/dm-0/dm/name", "vg0-others\n");
  const auto detected = looked_at(tree);
  CHECK(disk_with(detected.facts, "/srv/films").device.empty());
  CHECK(hwtune::view_of(detected, {}).find("cannot be seen") != std::string::npos);
}

TEST_CASE("a bridge is as fast as its physical port, not as one of a container") {
  const FakeTree tree("nas");
  tree.write("proc/net/route",
             "Iface Destination Gateway Flags RefCnt Use Metric Mask\n"
             "br0 00000000 0101A8C0 0003 0 0 0 00000000\n");
  tree.write("sys/class/net/br0/mtu", "1500\n");
  tree.write("sys/class/net/br0/speed", "10000\n");
  tree.write("sys/class/net/veth1/speed", "10000\n");
  tree.write("sys/class/net/br0/brif/eth0/port_no", "0x1\n");
  tree.write("sys/class/net/br0/brif/veth1/port_no", "0x2\n");
  auto links = looked_at(tree).facts.links;
  CHECK(links.at(0).name == "br0");
  CHECK(links.at(0).mbit == 100);
  CHECK(links.at(0).duplex == "half");
  tree.write("sys/class/net/eth0/speed", "-1\n");
  links = looked_at(tree).facts.links;
  CHECK_FALSE(links.at(0).mbit.has_value());
}

TEST_CASE("a default route of IPv6 alone is one as well") {
  const FakeTree tree("server");
  const std::string none(32, '0');
  const std::string gateway = "fe800000000000000000000000000001";
  tree.write("proc/net/route", "Iface\tDestination\tGateway\tFlags\n");
  tree.write("proc/net/ipv6_route",
             "fe800000000000000000000000000000 40 " + none + " 00 " + none +
                 " 00000100 00000001 00000000 00000001   ens1f0\n" +  //
                 none + " 00 " + none + " 00 " + gateway +
                 " 00000400 00000001 00000000 00000003   ens1f1\n" +  //
                 none + " 00 " + none + " 00 " + none + " ffffffff 00000001 00000000 00200200       lo\n");
  const auto facts = looked_at(tree).facts;
  REQUIRE(facts.links.size() == 3);
  CHECK(facts.links[0].name == "ens1f1");
  CHECK(facts.links[0].way_out);
  CHECK_FALSE(facts.links[1].way_out);
}

TEST_CASE("a machine is read whole, whatever is renamed on it meanwhile") {
  namespace fs = std::filesystem;
  const FakeTree tree("reference");
  const auto root = tree.root();
  constexpr int kRenames = 20000;
  std::atomic<int> renames{0};
  std::thread renaming([&] {
    for (const fs::path one = tree.path() / "var/lib", other = tree.path() / "var/other";
         renames < kRenames;) {
      fs::rename(one, other);
      fs::rename(other, one);
      renames += 2;
    }
  });
  int missed = 0;
  while (renames < kRenames) {
    if (root.number("sys/class/net/enp0s25/speed") != 1000) ++missed;
  }
  renaming.join();
  CHECK(missed == 0);
}

TEST_CASE("a rotating disk and cgroup v1") {
  const FakeTree tree("nas");
  const auto facts = looked_at(tree).facts;
  CHECK(facts.cgroups.version == "v1");
  CHECK(facts.cgroups.controllers == std::vector<std::string>{"cpu", "cpuacct", "blkio", "memory", "pids"});
  REQUIRE(facts.disks.size() == 1);
  CHECK(facts.disks[0].paths.size() == 2);
  CHECK(facts.disks[0].rotating == true);
  CHECK(facts.disks[0].scheduler == "cfq");
  CHECK(facts.links.at(0).errors == 431);
  CHECK(facts.links.at(0).duplex == "half");
  // v1's number of almost 2^63 is no bound.
  CHECK(facts.memory.total == 2030000ULL * 1024);
}

TEST_CASE("a mount of v1 beside v2 takes nothing from what v2 bounds") {
  const FakeTree tree("reference");
  tree.write("proc/self/mountinfo",
             tree.read("proc/self/mountinfo") +
                 "40 32 0:50 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls\n");
  tree.write("proc/cgroups", "#subsys_name hierarchy num_cgroups enabled\nmemory 0 90 1\nnet_cls 5 1 1\n");
  const auto cgroups = looked_at(tree).facts.cgroups;
  CHECK(cgroups.version == "hybrid");
  CHECK(std::ranges::find(cgroups.controllers, "memory") != cgroups.controllers.end());
  CHECK(std::ranges::find(cgroups.controllers, "net_cls") != cgroups.controllers.end());
}

TEST_CASE("a container's own bounds count, and what cannot be seen is not made up") {
  const FakeTree tree("container");
  const auto facts = looked_at(tree).facts;
  CHECK(facts.memory.total == 1ULL << 30);
  CHECK(facts.cpu.quota == 0.5);
  CHECK_FALSE(facts.cpu.governor.has_value());
  CHECK(facts.sensors.empty());
  CHECK(facts.links.empty());
  CHECK(facts.encoders.empty());
  REQUIRE(facts.disks.size() == 1);
  CHECK(facts.disks[0].device.empty());
  CHECK_FALSE(facts.disks[0].rotating.has_value());
}

TEST_CASE("no link leads out of a tree") {
  const FakeTree tree("container");
  std::filesystem::create_symlink("/etc/passwd", tree.path() / "absolute");
  std::filesystem::create_symlink("../../../../../../etc/passwd", tree.path() / "relative");
  const auto root = tree.root();
  CHECK_FALSE(root.is_real());
  CHECK_FALSE(root.text("absolute").has_value());
  CHECK_FALSE(root.text("relative").has_value());
  CHECK_FALSE(root.text("../../../../../etc/passwd").has_value());
  tree.write("etc/passwd", "mine\n");
  CHECK(root.text("absolute") == "mine");
}

TEST_CASE("every machine is shown whole, and leaves out of the JSON what nobody knows") {
  for (const auto* name : {"reference", "arm_board", "server", "nas", "raid", "container"}) {
    CAPTURE(name);
    const FakeTree tree(name);
    const auto detected = looked_at(tree);
    const auto text = hwtune::view_of(detected, {});
    CHECK(text.find(detected.facts.cpu.model) != std::string::npos);
    CHECK(text.find("Next: carrel-hwtune measure") != std::string::npos);
    const auto json = hwtune::json_of(detected);
    CHECK(json["cpu"]["threads"] == detected.facts.cpu.threads);
    CHECK(json["cpu"].contains("governor") == detected.facts.cpu.governor.has_value());
    CHECK(json["engine"]["answers"] == false);
  }
}

TEST_CASE("an empty tree is told to be empty") {
  const FakeTree tree("container");
  tree.remove("proc");
  tree.remove("sys");
  const auto detected = looked_at(tree);
  CHECK(detected.facts.cpu.threads == 0);
  const auto text = hwtune::view_of(detected, {});
  CHECK(text.find("name the films with --library") != std::string::npos);
  CHECK(text.find("no link to be seen") != std::string::npos);
}
