#include "hwtune/tune/tune.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "fake_tree.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/tune/view.hpp"

using namespace carrel;
using testing::FakeTree;
namespace tune = hwtune::tune;

namespace {

const std::vector<std::string> kMachines{"reference", "arm_board", "server", "nas", "raid"};
/// Among them every kind of change is made.
const std::vector<std::string> kSmallMachines{"reference", "arm_board", "nas"};

/// The program ends here, as if by a power cut.
struct Crash : std::runtime_error {
  explicit Crash(const std::string& step) : std::runtime_error(step) {}
};

Result<tune::Proposal> proposal_for(const machine::Root& root) {
  return tune::propose(root, machine::read_facts(root, {"/srv/my films", "/srv/films", "/var/lib/carrel"}));
}

void apply(const FakeTree& tree, const tune::Writer::BeforeStep& before = {}) {
  const auto root = tree.root();
  const auto proposal = proposal_for(root);
  REQUIRE(proposal.has_value());
  // Apart: doctest would take the exception of a crash for its own.
  const auto done = tune::apply(root, tune::Writer(root, before), *proposal);
  REQUIRE(done.has_value());
}

tune::Reverted revert(const FakeTree& tree, const tune::Writer::BeforeStep& before = {}) {
  const auto root = tree.root();
  const auto reverted = tune::revert(root, tune::Writer(root, before));
  REQUIRE(reverted.has_value());
  return *reverted;
}

/// How many steps `work` takes; `work` is given what is to be called before each.
std::size_t steps_of(const std::function<void(const tune::Writer::BeforeStep&)>& work) {
  std::size_t count = 0;
  work([&](std::string_view) { ++count; });
  return count;
}

/// Runs `work` up to the step with this number and ends it there.
void crash_at(std::size_t step, const std::function<void(const tune::Writer::BeforeStep&)>& work) {
  std::size_t count = 0;
  CHECK_THROWS_AS(work([&](std::string_view name) {
                    if (count++ == step) throw Crash(std::string(name));
                  }),
                  Crash);
}

bool has(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(lines, [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("apply changes the running machine and what it will be after a reboot") {
  const FakeTree tree("reference");
  apply(tree);
  CHECK(tree.read("proc/sys/vm/swappiness") == "10\n");
  CHECK(tree.read("proc/sys/net/core/default_qdisc") == "fq\n");
  CHECK(tree.read("sys/class/block/sda/queue/read_ahead_kb") == "512\n");
  const auto sysctls = tree.read(tune::kSysctlFile);
  CHECK(sysctls.find("vm.swappiness = 10\n") != std::string::npos);
  CHECK(sysctls.find("net.core.wmem_max = 4194304\n") != std::string::npos);
  const auto rules = tree.read(tune::kUdevFile);
  CHECK(rules.find("KERNEL==\"sda\", ATTR{queue/rotational}==\"0\", ATTR{queue/read_ahead_kb}=\"512\"") !=
        std::string::npos);
  // It was right already.
  CHECK(rules.find("scheduler") == std::string::npos);
  CHECK(tree.read("sys/class/block/sda/queue/scheduler") == "[mq-deadline] none\n");
  // With intel_pstate, powersave follows the load.
  CHECK_FALSE(tree.has(tune::kTmpfilesFile));
}

TEST_CASE("what each machine gets is what fits it") {
  SUBCASE("a governor that follows the load") {
    const FakeTree tree("arm_board");
    apply(tree);
    CHECK(tree.read("sys/devices/system/cpu/cpufreq/policy0/scaling_governor") == "schedutil\n");
    CHECK(tree.read(tune::kTmpfilesFile)
              .find("w /sys/devices/system/cpu/cpufreq/policy0/scaling_governor - - - - "
                    "schedutil\n") != std::string::npos);
  }
  SUBCASE("an old rotating disk keeps the scheduler that knows weights, and reads further ahead") {
    const FakeTree tree("nas");
    apply(tree);
    CHECK(tree.read("sys/class/block/sda/queue/scheduler") == "noop deadline [cfq]\n");
    CHECK(tree.read("sys/class/block/sda/queue/read_ahead_kb") == "2048\n");
    CHECK(tree.read("proc/sys/net/core/somaxconn") == "4096\n");
  }
  SUBCASE("each disk of an array gets its scheduler, and the topmost layer reads ahead") {
    const FakeTree tree("raid");
    apply(tree);
    for (const std::string disk : {"sda", "sdb"}) {
      CHECK(tree.read("sys/class/block/" + disk + "/queue/scheduler") == "mq-deadline none [bfq] \n");
      CHECK(tree.read("sys/class/block/" + disk + "/queue/read_ahead_kb") == "128\n");
    }
    CHECK(tree.read("sys/class/block/md0/queue/read_ahead_kb") == "128\n");
    CHECK(tree.read("sys/class/block/dm-0/queue/read_ahead_kb") == "2048\n");
    CHECK(
        tree.read(tune::kUdevFile)
            .find("KERNEL==\"dm-0\", ATTR{queue/rotational}==\"1\", ATTR{queue/read_ahead_kb}=\"2048\"\n") !=
        std::string::npos);
  }
  SUBCASE("ten gigabits need a longer backlog; a governor that is fast stays") {
    const FakeTree tree("server");
    apply(tree);
    CHECK(tree.read("proc/sys/net/core/netdev_max_backlog") == "10000\n");
    CHECK_FALSE(tree.has(tune::kTmpfilesFile));
  }
}

TEST_CASE("nothing is changed before it is recorded") {
  const FakeTree tree("reference");
  apply(tree, [&](std::string_view step) {
    if (step == "set a value") CHECK(tree.has(tune::kRecordFile));
  });
}

TEST_CASE("apply, then revert: every tree is as it was, byte for byte") {
  for (const auto& name : kMachines) {
    CAPTURE(name);
    const FakeTree tree(name);
    const auto before = tree.everything();
    apply(tree);
    CHECK(tree.everything() != before);
    const auto reverted = revert(tree);
    CHECK(reverted.kept.empty());
    CHECK(tree.everything() == before);
  }
}

TEST_CASE("directories that were made are removed, unless somebody put something there") {
  const FakeTree tree("arm_board");
  tree.remove("etc/tmpfiles.d");
  tree.remove("etc/udev");
  const auto before = tree.everything();
  apply(tree);
  CHECK(tree.has(tune::kUdevFile));
  SUBCASE("removed") {
    revert(tree);
    CHECK(tree.everything() == before);
  }
  SUBCASE("kept") {
    tree.write("etc/udev/rules.d/99-mine.rules", "x\n");
    revert(tree);
    CHECK(tree.read("etc/udev/rules.d/99-mine.rules") == "x\n");
    CHECK_FALSE(tree.has("etc/tmpfiles.d"));
  }
}

TEST_CASE("twice is as once") {
  for (const auto& name : kMachines) {
    CAPTURE(name);
    const FakeTree tree(name);
    apply(tree);
    const auto once = tree.everything();
    const auto root = tree.root();
    const auto again = proposal_for(root);
    REQUIRE(again.has_value());
    CHECK(again->empty());
    CHECK(steps_of([&](const auto& before) { apply(tree, before); }) == 0);
    CHECK(tree.everything() == once);
  }
}

TEST_CASE("what is wanted no more gets back what was there, at once and not only after a reboot") {
  const FakeTree tree("arm_board");
  const auto before = tree.everything();
  const std::string read_ahead = "sys/class/block/sda/queue/read_ahead_kb";
  apply(tree);
  REQUIRE(tree.read(read_ahead) == "512\n");
  const auto root = tree.root();
  const auto without_films = [&] {
    return tune::propose(root, machine::read_facts(root, {"/var/lib/carrel"}));
  };
  SUBCASE("unless somebody else has set it") {
    tree.write(read_ahead, "4096\n");
    const auto proposal = without_films();
    REQUIRE(proposal.has_value());
    CHECK(std::ranges::find(proposal->live, read_ahead, &tune::LiveChange::path) == proposal->live.end());
    return;
  }
  const auto proposal = without_films();
  REQUIRE(proposal.has_value());
  CHECK(tune::view_of(root, *proposal, {}).find("wanted no more") != std::string::npos);
  REQUIRE(tune::apply(root, tune::Writer(root), *proposal).has_value());
  CHECK(tree.read(read_ahead) == "128\n");
  CHECK(tree.read(tune::kUdevFile).find("sda") == std::string::npos);
  CHECK(without_films()->empty());
  CHECK(revert(tree).kept.empty());
  CHECK(tree.everything() == before);
}

TEST_CASE("a crash at any step of apply: revert brings all back, and apply goes on") {
  for (const auto& name : kSmallMachines) {
    CAPTURE(name);
    const auto work = [](const FakeTree& tree) {
      return [&tree](const tune::Writer::BeforeStep& before) { apply(tree, before); };
    };
    const FakeTree counted(name);
    const std::size_t steps = steps_of(work(counted));
    const auto applied = counted.everything();
    CHECK(steps > 20);
    for (std::size_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      const FakeTree tree(name);
      const auto before = tree.everything();
      crash_at(step, work(tree));
      revert(tree);
      CHECK(tree.everything() == before);
      crash_at(step, work(tree));
      apply(tree);
      CHECK(tree.everything() == applied);
      revert(tree);
      CHECK(tree.everything() == before);
    }
  }
}

TEST_CASE("a crash at any step of revert: the next one ends it") {
  for (const auto& name : kSmallMachines) {
    CAPTURE(name);
    const FakeTree counted(name);
    apply(counted);
    const std::size_t steps = steps_of([&](const auto& before) { revert(counted, before); });
    for (std::size_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      const FakeTree tree(name);
      const auto before = tree.everything();
      apply(tree);
      crash_at(step, [&](const tune::Writer::BeforeStep& at) { revert(tree, at); });
      CHECK(revert(tree).kept.empty());
      CHECK(tree.everything() == before);
    }
  }
}

TEST_CASE("what somebody else changed meanwhile is kept and told") {
  const FakeTree tree("reference");
  apply(tree);
  tree.write("proc/sys/vm/swappiness", "30\n");
  tree.write(tune::kUdevFile, "# mine\n");
  SUBCASE("by apply: a value is left alone, an edited file is refused") {
    const auto refused = proposal_for(tree.root());
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == ErrorKind::conflict);
    CHECK(refused.error().message.find("60-carrel-hwtune.rules was edited") != std::string::npos);
    tree.remove(tune::kUdevFile);
    const auto proposal = proposal_for(tree.root());
    REQUIRE(proposal.has_value());
    CHECK(has(proposal->wanted.left, "vm.swappiness: somebody else has set it to 30"));
    CHECK(proposal->live.empty());
    CHECK(proposal->files.size() == 1);
  }
  SUBCASE("by revert") {
    const auto reverted = revert(tree);
    CHECK(reverted.kept.size() == 2);
    CHECK(has(reverted.kept, "/proc/sys/vm/swappiness is 30, which somebody else set; before it was 60"));
    CHECK(has(reverted.kept, "60-carrel-hwtune.rules was edited"));
    CHECK(tree.read("proc/sys/vm/swappiness") == "30\n");
    CHECK(tree.read(tune::kUdevFile) == "# mine\n");
    CHECK(tree.read("proc/sys/vm/dirty_ratio") == "20\n");
    CHECK_FALSE(tree.has(tune::kSysctlFile));
    CHECK_FALSE(tree.has(tune::kRecordDirectory));
  }
}

TEST_CASE("what it does not understand it refuses, or leaves alone") {
  const FakeTree tree("reference");
  SUBCASE("a file of its name without a record") {
    tree.write(tune::kSysctlFile, "vm.swappiness = 1\n");
    const auto refused = proposal_for(tree.root());
    REQUIRE(refused.has_error());
    CHECK(refused.error().message.find("no record says") != std::string::npos);
  }
  SUBCASE("a record that is none") {
    tree.write(tune::kRecordFile, "{\"version\": 1}");
    CHECK(proposal_for(tree.root()).has_error());
    const auto root = tree.root();
    const auto before = tree.everything();
    CHECK(tune::revert(root, tune::Writer(root)).has_error());
    CHECK(tree.everything() == before);
  }
  SUBCASE("a record that names what is not hwtune's") {
    tree.write("etc/shadow", "secret\n");
    tree.write(tune::kRecordFile,
               R"({"version": 1, "files": [{"path": "etc/shadow", "written": ["secret\n"]}], "values": [],)"
               R"("directories": []})");
    const auto root = tree.root();
    CHECK(tune::revert(root, tune::Writer(root)).has_error());
    CHECK(tree.read("etc/shadow") == "secret\n");
  }
  SUBCASE("values that are no numbers, a queueing discipline that somebody chose") {
    tree.write("proc/sys/vm/swappiness", "lots\n");
    tree.write("proc/sys/net/core/default_qdisc", "cake\n");
    const auto proposal = proposal_for(tree.root());
    REQUIRE(proposal.has_value());
    CHECK(has(proposal->wanted.left, "vm.swappiness: \"lots\" is not understood"));
    CHECK(has(proposal->wanted.left, "\"cake\" is somebody's choice"));
  }
  SUBCASE("a link in the place of a file, such as one that masks it") {
    for (const std::string target : {"/dev/null", "mine.conf"}) {
      const FakeTree masked("reference");
      masked.write("etc/sysctl.d/mine.conf", "# mine\n");
      std::filesystem::create_symlink(target, masked.path() / tune::kSysctlFile);
      const auto before = masked.everything();
      const auto refused = proposal_for(masked.root());
      REQUIRE(refused.has_error());
      CHECK(refused.error().kind == ErrorKind::conflict);
      CHECK(refused.error().message.find("60-carrel-hwtune.conf is a link to " + target) !=
            std::string::npos);
      CHECK(revert(masked).undone.empty());
      CHECK(masked.everything() == before);
    }
  }
  SUBCASE("what another file of sysctl.d sets, and bytes in the place of a ratio") {
    tree.write("etc/sysctl.d/99-mine.conf", "# mine\nvm/swappiness=40\n-net.core.somaxconn = 100\n");
    tree.write("proc/sys/net/core/somaxconn", "100\n");
    tree.write("proc/sys/vm/dirty_bytes", "100000000\n");
    const auto proposal = proposal_for(tree.root());
    REQUIRE(proposal.has_value());
    CHECK(has(proposal->wanted.left, "vm.swappiness: /etc/sysctl.d/99-mine.conf sets it"));
    CHECK(has(proposal->wanted.left, "net.core.somaxconn: /etc/sysctl.d/99-mine.conf sets it"));
    CHECK(has(proposal->wanted.left, "vm.dirty_bytes: set to 100000000 by somebody"));
    CHECK_FALSE(has({proposal->files.at(0).content}, "vm.dirty_ratio"));
  }
}

TEST_CASE("a link that somebody put in the place of a file of hwtune's stays, and is told") {
  const FakeTree tree("reference");
  const auto before = tree.everything();
  apply(tree);
  const std::string moved = "etc/moved.conf";
  std::filesystem::rename(tree.path() / tune::kSysctlFile, tree.path() / moved);
  for (const std::string target : {"/dev/null", "../moved.conf"}) {
    std::filesystem::remove(tree.path() / tune::kSysctlFile);
    std::filesystem::create_symlink(target, tree.path() / tune::kSysctlFile);
    CHECK(proposal_for(tree.root()).has_error());
  }
  const auto reverted = revert(tree);
  CHECK(has(reverted.kept, "60-carrel-hwtune.conf is a link, which somebody else made"));
  CHECK(std::filesystem::is_symlink(tree.path() / tune::kSysctlFile));
  tree.remove(tune::kSysctlFile);
  tree.remove(moved);
  CHECK(tree.everything() == before);
}

TEST_CASE("a value comes back as it was, to the byte") {
  const FakeTree tree("raid");
  const std::string scheduler = "sys/class/block/sda/queue/scheduler";
  tree.write("proc/sys/vm/swappiness", "60");
  tree.write(scheduler, "none  [mq-deadline] bfq");
  const auto before = tree.everything();
  apply(tree);
  CHECK(tree.read("proc/sys/vm/swappiness") == "10");
  CHECK(tree.read(scheduler) == "none mq-deadline [bfq]");
  revert(tree);
  CHECK(tree.everything() == before);
}

TEST_CASE("a machine that has what it needs, or shows nothing, is left alone") {
  const FakeTree tree("container");
  const auto before = tree.everything();
  const auto proposal = proposal_for(tree.root());
  REQUIRE(proposal.has_value());
  CHECK(proposal->empty());
  apply(tree);
  CHECK(tree.everything() == before);
  CHECK(revert(tree).undone.empty());
  CHECK(tree.everything() == before);
}

TEST_CASE("a write that fails stops at once and says what, and revert undoes the rest") {
  const FakeTree tree("reference");
  const auto before = tree.everything();
  const auto root = tree.root();
  const auto proposal = proposal_for(root);
  REQUIRE(proposal.has_value());
  // A directory in the place of the file: whoever runs this, it cannot be written.
  std::filesystem::create_directories(tree.path() / "etc/udev/rules.d/60-carrel-hwtune.rules/x");
  const auto done = tune::apply(root, tune::Writer(root), *proposal);
  REQUIRE(done.has_error());
  CHECK(done.error().message.find("60-carrel-hwtune.rules") != std::string::npos);
  CHECK(tree.read("proc/sys/vm/swappiness") == "60\n");
  tree.remove(tune::kUdevFile);
  revert(tree);
  CHECK(tree.everything() == before);
}

TEST_CASE("the difference is shown line by line") {
  const FakeTree tree("reference");
  const auto root = tree.root();
  const auto proposal = proposal_for(root);
  REQUIRE(proposal.has_value());
  const auto text = tune::view_of(root, *proposal, {});
  CHECK(text.find("vm.swappiness") != std::string::npos);
  CHECK(text.find("/etc/sysctl.d/60-carrel-hwtune.conf\n") != std::string::npos);
  CHECK(text.find("  + vm.swappiness = 10\n") != std::string::npos);
  CHECK(text.find("powersave follows the load") != std::string::npos);
  CHECK(tune::json_of(*proposal)["values"].size() == proposal->live.size());
  apply(tree);
  CHECK(tune::view_of(root, *proposal_for(root), {}).find("nothing to do") != std::string::npos);
}
