#pragma once

#include <string>

#include "base/error.hpp"
#include "streamer/jail/jail.hpp"

/// What the programs in containers have in common before their work begins.
namespace carrel::streamer {

/// enter_jail(), but not under a sanitizer, whose own threads and reports need calls that the filter takes
/// away.
[[nodiscard]] Result<void> close_jail(JailFor purpose, const OwnDescriptors& own);

/// Enters the folder of the control socket; its plain name, by which the container's profile lets it be
/// reached.
[[nodiscard]] Result<std::string> approach(const std::string& path);

}  // namespace carrel::streamer
