#include "hwtune/tune/sysctl_files.hpp"

#include <doctest/doctest.h>

#include "fake_tree.hpp"

using namespace carrel;
using testing::FakeTree;

namespace {

constexpr char kSwappiness[] = "proc/sys/vm/swappiness";
constexpr char kReceive[] = "proc/sys/net/core/rmem_max";

std::string decision(const FakeTree& tree, const std::string& path) {
  return hwtune::tune::SysctlFiles(tree.root()).decision_on(path).value_or("nobody's");
}

}  // namespace

TEST_CASE("the folders of the administrator, each file hidden by one of its name in an earlier folder") {
  const FakeTree tree("reference");
  const std::string name = "sysctl.d/99-mine.conf";
  CHECK(decision(tree, kSwappiness) == "nobody's");
  for (const std::string folder : {"usr/local/lib/", "run/", "etc/"}) {
    tree.write(folder + name, "vm.swappiness=40\n");
    CHECK(decision(tree, kSwappiness) == "/" + folder + name + " sets it");
  }
  tree.write("etc/" + name, "");
  CHECK(decision(tree, kSwappiness) == "nobody's");
  tree.remove("etc/" + name);
  std::filesystem::create_symlink("/dev/null", tree.path() / "etc" / name);
  CHECK(decision(tree, kSwappiness) == "nobody's");
  tree.write("etc/sysctl.d/99-mine.txt", "vm.swappiness=40\n");
  CHECK(decision(tree, kSwappiness) == "nobody's");
  tree.write("run/sysctl.d/10-other.conf", "vm.swappiness=40\n");
  CHECK(decision(tree, kSwappiness) == "/run/sysctl.d/10-other.conf sets it");
}

TEST_CASE("what a distribution brings is a decision where it would win over hwtune's file") {
  const FakeTree tree("reference");
  tree.write("usr/lib/sysctl.d/50-default.conf", "vm.swappiness = 60\n");
  CHECK(decision(tree, kSwappiness) == "nobody's");
  tree.write("usr/lib/sysctl.d/99-vendor.conf", "vm.swappiness = 60\n");
  CHECK(decision(tree, kSwappiness) == "/usr/lib/sysctl.d/99-vendor.conf sets it");
  tree.write("etc/sysctl.d/99-vendor.conf", "# no\n");
  CHECK(decision(tree, kSwappiness) == "nobody's");
}

TEST_CASE("keys are written in two ways, and as patterns, in which a key that is named is not") {
  const FakeTree tree("reference");
  const std::string file = "etc/sysctl.d/99-mine.conf";
  const auto decided = [&](const std::string& text) {
    tree.write(file, text);
    return decision(tree, kReceive) == "/" + file + " sets it";
  };
  for (const std::string set : {"net.core.rmem_max=1", "net/core/rmem_max = 1", " - net.core.rmem_max = 1",
                                "net.core.*mem_max = 1", "net/*/rmem_ma? = 1", "-net.core.[rw]mem_max=1"}) {
    CAPTURE(set);
    CHECK(decided("# a comment\n" + set + "\n"));
  }
  for (const std::string other :
       {"net.core.rmem_max", "#net.core.rmem_max=1", ";net.core.rmem_max=1", "net.*_max = 1",
        "net.core.wmem_max = 1", "net.core/rmem_max = 1\nnet/core.rmem_max = 1\n= 1"}) {
    CAPTURE(other);
    CHECK_FALSE(decided(other + "\n"));
  }
  tree.write(file, "-net.core.rmem_max\nnet.core.* = 1\n");
  CHECK(decision(tree, kReceive) == "/" + file + " leaves it out");
  CHECK(decision(tree, "proc/sys/net/core/wmem_max") == "/" + file + " sets it");
  CHECK(decision(tree, "sys/class/block/sda/queue/scheduler") == "nobody's");
}
