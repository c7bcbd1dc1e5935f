#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "fake_tree.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/tune/tune.hpp"

using namespace carrel;
using testing::FakeTree;
namespace tune = hwtune::tune;

namespace {

tune::Proposal proposal_for(const FakeTree& tree) {
  const auto root = tree.root();
  const std::vector<std::string> paths{"/srv/my films", "/srv/films", "/var/lib/carrel"};
  auto proposal = tune::propose(root, machine::read_facts(root, paths));
  REQUIRE(proposal.has_value());
  return std::move(*proposal);
}

void apply(const FakeTree& tree) {
  const auto root = tree.root();
  REQUIRE(tune::apply(root, tune::Writer(root), proposal_for(tree)).has_value());
}

bool changes(const tune::Proposal& proposal, const std::string& path) {
  return std::ranges::find(proposal.live, path, &tune::LiveChange::path) != proposal.live.end();
}

bool has(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(lines, [&](const auto& line) { return line.find(part) != std::string::npos; });
}

/// Root may write whatever the mode is.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(kNobody) == 0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_root_) CHECK(::seteuid(0) == 0);
  }

 private:
  static constexpr uid_t kNobody = 65534;
  bool was_root_;
};

void set_modes(const FakeTree& tree, const std::vector<std::string>& read_only) {
  namespace fs = std::filesystem;
  fs::permissions(tree.path(), fs::perms(0755));
  for (const auto& entry : fs::recursive_directory_iterator(tree.path())) {
    if (!entry.is_symlink()) fs::permissions(entry.path(), fs::perms(entry.is_directory() ? 0777 : 0666));
  }
  for (const auto& path : read_only) fs::permissions(tree.path() / path, fs::perms(0444));
}

}  // namespace

TEST_CASE("what cannot be written is left, stays out of the files, and keeps nothing else from being set") {
  const FakeTree tree("nas");
  const std::string swappiness = "proc/sys/vm/swappiness";
  const std::string read_ahead = "sys/class/block/sda/queue/read_ahead_kb";
  const std::string governor = "sys/devices/system/cpu/cpufreq/policy0/scaling_governor";
  set_modes(tree, {swappiness, read_ahead, governor});
  const AsNobody nobody;
  const auto proposal = proposal_for(tree);
  CHECK(has(proposal.wanted.left, "vm.swappiness: it cannot be set here: "));
  CHECK(has(proposal.wanted.left, "sda: read-ahead, KiB: it cannot be set here: "));
  CHECK(has(proposal.wanted.left, "policy0: governor: it cannot be set here: "));
  for (const auto& path : {swappiness, read_ahead, governor}) CHECK_FALSE(changes(proposal, path));
  apply(tree);
  CHECK(tree.read("proc/sys/vm/dirty_ratio") == "10\n");
  CHECK(tree.read(swappiness) == "60\n");
  CHECK(tree.read(tune::kSysctlFile).find("vm.swappiness") == std::string::npos);
  CHECK(tree.read(tune::kTmpfilesFile).find("policy0") == std::string::npos);
  CHECK(tree.read(tune::kTmpfilesFile).find("policy1") != std::string::npos);
  CHECK_FALSE(tree.has(tune::kUdevFile));
  CHECK(proposal_for(tree).empty());
}

TEST_CASE("a disk that cannot be seen is listed") {
  CHECK(has(proposal_for(FakeTree("zfs")).wanted.left, "disk of /srv/films: cannot be seen"));
}

TEST_CASE("a scheduler that is a module is named, until it is loaded") {
  const FakeTree tree("raid");
  CHECK_FALSE(has(proposal_for(tree).wanted.left, "bfq"));
  tree.write("sys/class/block/sdb/queue/scheduler", "none [mq-deadline] \n");
  const auto left = proposal_for(tree).wanted.left;
  CHECK(has(left, "sdb: scheduler: bfq is not loaded (modprobe bfq, then apply again)"));
  CHECK_FALSE(has(left, "sda: scheduler"));
  CHECK_FALSE(has(proposal_for(FakeTree("reference")).wanted.left, "bfq"));
}

TEST_CASE("what a virtual disk says of itself is not tuned for") {
  const FakeTree tree("vm");
  apply(tree);
  CHECK(has(proposal_for(tree).wanted.left, "sda: a virtual disk"));
  CHECK(tree.read("sys/class/block/sda/queue/scheduler") == "[mq-deadline] none bfq\n");
  CHECK(tree.read("sys/class/block/sda/queue/read_ahead_kb") == "128\n");
  CHECK_FALSE(tree.has(tune::kUdevFile));
}

TEST_CASE("what a pattern of another file sets is left alone") {
  const FakeTree tree("reference");
  tree.write("run/sysctl.d/99-mine.conf", "net.core.*mem_max = 1\n");
  const auto proposal = proposal_for(tree);
  CHECK(has(proposal.wanted.left, "net.core.rmem_max: /run/sysctl.d/99-mine.conf sets it"));
  CHECK(has(proposal.wanted.left, "net.core.wmem_max: /run/sysctl.d/99-mine.conf sets it"));
  CHECK_FALSE(changes(proposal, "proc/sys/net/core/rmem_max"));
  CHECK(changes(proposal, "proc/sys/vm/swappiness"));
}

TEST_CASE("a value that another file sets since, to what hwtune wrote too, is not set back") {
  const FakeTree tree("reference");
  apply(tree);
  REQUIRE(tree.read("proc/sys/vm/swappiness") == "10\n");
  tree.write("etc/sysctl.d/99-mine.conf", "vm.swappiness=10\n");
  const auto proposal = proposal_for(tree);
  CHECK(has(proposal.wanted.left, "vm.swappiness: /etc/sysctl.d/99-mine.conf sets it"));
  CHECK_FALSE(changes(proposal, "proc/sys/vm/swappiness"));
  apply(tree);
  CHECK(tree.read("proc/sys/vm/swappiness") == "10\n");
  CHECK(tree.read(tune::kSysctlFile).find("swappiness") == std::string::npos);
  CHECK(proposal_for(tree).empty());
}
