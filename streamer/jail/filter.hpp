#pragma once

#include "streamer/jail/jail.hpp"

namespace carrel::streamer {

/// Installs the seccomp filter of `purpose`. Needs no-new-privileges.
[[nodiscard]] Result<void> load_filter(JailFor purpose);

}  // namespace carrel::streamer
