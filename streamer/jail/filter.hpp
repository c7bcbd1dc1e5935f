#pragma once

#include "streamer/jail/jail.hpp"

namespace carrel::streamer {

/// Installs the seccomp filters of `purpose`. Needs no-new-privileges.
[[nodiscard]] Result<void> load_filter(JailFor purpose, const OwnDescriptors& own);

}  // namespace carrel::streamer
