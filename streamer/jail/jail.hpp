#pragma once

#include <vector>

#include "base/error.hpp"

namespace carrel::streamer {

/// Which calls remain. Both allow memory (never executable), time, closing, and sending and receiving on what
/// is open.
enum class JailFor {
  streaming,  ///< also epoll, sendfile, and connect() on the control sockets; nothing can be read from a
              ///< client
  indexing,   ///< also seeking and writing through descriptors; opening fails with EPERM instead of killing
};

/// What a streamer keeps for itself, as opposed to what it is handed over. The jail goes by these numbers, so
/// it also refuses to close them (EPERM): no client's socket can ever come to bear one of them.
struct OwnDescriptors {
  std::vector<int> control;  ///< the only ones to connect() and to exchange messages over
  int ticker = -1;           ///< the only one to read(): the streamer never reads from a client
};

/// From here on this process, for good: no new privileges, no core file, not traceable, and no system call
/// but those of its work. A call beyond them kills the process (SIGSYS): the program never makes one, so it
/// has been taken over. Indexing may try to open a file (a library looks for a random source or the time
/// zone), which simply fails. Call with one thread, after every descriptor is made that making is forbidden
/// for later.
[[nodiscard]] Result<void> enter_jail(JailFor purpose, const OwnDescriptors& own);

}  // namespace carrel::streamer
