#pragma once

#include <nlohmann/json.hpp>

#include "hwtune/detect/detect.hpp"

namespace carrel::hwtune {

/// What is not known is left out.
[[nodiscard]] nlohmann::json json_of(const Detected& detected);

}  // namespace carrel::hwtune
