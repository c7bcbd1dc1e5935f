#include <doctest/doctest.h>

#include <algorithm>

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

}  // namespace

TEST_CASE("what a virtual disk says of itself is not tuned for") {
  const FakeTree tree("vm");
  apply(tree);
  CHECK(has(proposal_for(tree).wanted.left, "sda: a virtual disk"));
  CHECK(tree.read("sys/class/block/sda/queue/scheduler") == "[mq-deadline] none bfq\n");
  CHECK(tree.read("sys/class/block/sda/queue/read_ahead_kb") == "128\n");
  CHECK_FALSE(tree.has(tune::kUdevFile));
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
