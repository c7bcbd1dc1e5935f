#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace carrel::sandbox::docker {

/// The text of GET /containers/{id}/logs: frames of an 8-byte head (stream, three zeros, length as big-endian
/// 32 bits) and that many bytes, standard output and error in the order in which they came.
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
[[nodiscard]] Result<std::string> join_log_frames(std::string_view body);

}  // namespace carrel::sandbox::docker
