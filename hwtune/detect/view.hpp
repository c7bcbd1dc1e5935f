#pragma once

#include <string>

#include "hwtune/detect/detect.hpp"
#include "terminal/style.hpp"

namespace carrel::hwtune {

/// For people.
[[nodiscard]] std::string view_of(const Detected& detected, const terminal::Style& style);

}  // namespace carrel::hwtune
