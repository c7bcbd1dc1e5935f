#pragma once

#include <string>

#include "base/error.hpp"
#include "hwtune/measure/bounds.hpp"
#include "hwtune/measure/result.hpp"

namespace carrel::hwtune {

/// How long the engine takes to make and start a container of the streamer's image, which is removed at once.
/// ErrorKind::not_found: the image is not there.
[[nodiscard]] Result<Spawn> measure_spawn(const std::string& engine_socket, const std::string& image,
                                          const Bounds& bounds);

}  // namespace carrel::hwtune
