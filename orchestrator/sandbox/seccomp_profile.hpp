#pragma once

#include <string>

namespace carrel::sandbox {

/// The container's seccomp profile (seccomp_profile.json, Docker's format), compiled in. The streamer narrows
/// it further once it is connected.
[[nodiscard]] const std::string& seccomp_profile();

}  // namespace carrel::sandbox
