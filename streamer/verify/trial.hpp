#pragma once

#include <span>
#include <string>
#include <vector>

/// Attempts to get out of a sandbox, each harmless where it succeeds: no data is changed, nobody is reached,
/// and the process goes on. Calls by which a production host proves that its jail holds, and the ground that
/// tests/captive builds on.
namespace carrel::streamer::verify {

/// What the sandbox has in its hands.
struct Given {
  int client = -1;  ///< a connected TCP socket of the host's network
  int film = -1;    ///< a regular file of the host, open for reading
};

struct Seen {
  bool refused = false;
  std::string outcome;  ///< "EPERM", or what was achieved
};

struct Trial {
  const char* name;
  const char* expected;  ///< holds the text of each outcome that is as it should be
  Seen (*attempt)(const Given& given);
};

/// The failed call's errno by name, or "succeeded".
[[nodiscard]] Seen judge(long result);

[[nodiscard]] std::span<const Trial> file_trials();
[[nodiscard]] std::span<const Trial> network_trials();
[[nodiscard]] std::span<const Trial> client_trials();
[[nodiscard]] std::span<const Trial> kernel_trials();
[[nodiscard]] std::span<const Trial> state_trials();

/// Whether `seen` is what the trial expects: another errno may mean that only luck was in the way.
[[nodiscard]] bool as_expected(const Trial& trial, const Seen& seen);

/// All of them.
[[nodiscard]] std::vector<Trial> all_trials();

}  // namespace carrel::streamer::verify
