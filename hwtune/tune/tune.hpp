#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/root.hpp"
#include "hwtune/tune/record.hpp"
#include "hwtune/tune/wanted.hpp"
#include "hwtune/tune/writer.hpp"

/// Applies and undoes. A crash at any step leaves what revert() brings back.
namespace carrel::hwtune::tune {

/// What apply() would do.
struct Proposal {
  Wanted wanted;
  std::vector<LiveChange> live;    ///< those that differ
  std::vector<WantedFile> files;   ///< those that differ
  std::vector<std::string> stale;  ///< files of its own that are wanted no more
  Record record;                   ///< to be written before the first change
  bool recorded = false;           ///< it is on the disk as it is

  [[nodiscard]] bool empty() const { return live.empty() && files.empty() && stale.empty(); }
};

/// ErrorKind::conflict: somebody else changed what is hwtune's, or what was recorded is not understood.
[[nodiscard]] Result<Proposal> propose(const machine::Root& root, const machine::Facts& facts);
[[nodiscard]] Result<void> apply(const machine::Root& root, const Writer& writer, const Proposal& proposal);

struct Reverted {
  std::vector<std::string> undone;  ///< for people
  std::vector<std::string> kept;    ///< what somebody else changed meanwhile, and why it stays
};

/// What revert() would do.
[[nodiscard]] Result<Reverted> propose_revert(const machine::Root& root);
[[nodiscard]] Result<Reverted> revert(const machine::Root& root, const Writer& writer);

}  // namespace carrel::hwtune::tune
