#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/passed_sockets.hpp"
#include "orchestrator/config/load.hpp"

/// An upgrade in place: on SIGUSR2 the daemon becomes the program that now lies where it was started from,
/// with the same process number and the same listening sockets.
namespace carrel {

/// How this process was started, so that it can be again.
struct Program {
  std::filesystem::path executable;
  std::vector<std::string> arguments;  ///< the first is the name that it was called by
  config::LoadInputs configuration{};  ///< where its configuration stands
};

/// The path that was named at the start, links unresolved, because an upgrade may turn a link; without a
/// slash in the name, the file that runs.
[[nodiscard]] Program this_program(int argc, const char* const* argv);

/// Keeps SIGUSR2 and SIGHUP for HeldSignal, in this thread and those made by it; one that comes while the
/// program is being replaced waits for the next. Call it first of all.
void hold_signals();

/// I/O thread only.
class HeldSignal {
 public:
  /// `signal` is one of those that hold_signals() keeps.
  HeldSignal(boost::asio::any_io_executor executor, int signal);

  /// Waits for the next one. False: never again, because the kernel gave an error.
  boost::asio::awaitable<bool> wait();

 private:
  boost::asio::posix::stream_descriptor descriptor_;
};

/// Runs the program with --check-config, for 10 s at most; fails with what it said. Blocks: not on the I/O
/// thread.
[[nodiscard]] Result<void> check_program(const Program& program);

/// Becomes `program` with these sockets; when that cannot be run, what runs now, started anew. Returns only
/// if neither could be, and then nothing is left but to end. No other thread may be running.
[[nodiscard]] Error replace_program(const Program& program, const std::vector<PassedSocket>& sockets);

}  // namespace carrel
