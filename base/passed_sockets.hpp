#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

/// Listening sockets that outlive a program, by the protocol of sd_listen_fds(3): a service manager opens
/// them and passes them as descriptors 3 and up, named in the environment.
namespace carrel {

struct PassedSocket {
  UniqueFd socket;   ///< close-on-exec
  std::string name;  ///< as in LISTEN_FDNAMES; may be empty
};

/// What LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES say was passed to this process, at most 16; empty when they
/// speak of another. Removes the variables, so that no child takes them for its own. Call it once, before any
/// thread and before anything is opened.
[[nodiscard]] std::vector<PassedSocket> take_passed_sockets();

/// Whether it is a listening stream socket of that family (AF_INET, …).
[[nodiscard]] bool listens(const UniqueFd& socket, int family);

/// Makes these descriptors 3 and up and names them in the environment for the program that this process
/// becomes next; every other descriptor above 2 will be closed by that. Overwrites whatever was open at those
/// numbers, so call it with no other thread, and nothing but execve(2) after it.
[[nodiscard]] Result<void> pass_on(const std::vector<PassedSocket>& sockets);

}  // namespace carrel
