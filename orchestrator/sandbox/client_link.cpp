#include "orchestrator/sandbox/client_link.hpp"

#include <sys/socket.h>

namespace carrel::sandbox {

void DirectLink::cut() {
  // A sandbox may still hold a duplicate: closing ours alone would leave the client waiting.
  ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace carrel::sandbox
