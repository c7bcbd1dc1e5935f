#pragma once

#include "streamer/protocol/message.hpp"

namespace carrel::protocol {

/// A subtitle file beside the film, open for reading; the descriptor is somebody else's.
struct OpenSidecar {
  int fd = -1;
  Sidecar about;
};

}  // namespace carrel::protocol
