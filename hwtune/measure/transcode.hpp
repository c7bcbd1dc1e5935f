#pragma once

#include <string>

#include "base/error.hpp"
#include "hwtune/measure/bounds.hpp"
#include "hwtune/measure/result.hpp"

namespace carrel::hwtune {

/// How fast a picture of 1080 lines is made anew on one CPU, by this machine's ffmpeg with the encoder and
/// the presets of the converter. ErrorKind::not_found: there is no ffmpeg.
[[nodiscard]] Result<RungSpeed> measure_rung(unsigned height, const Bounds& bounds);

}  // namespace carrel::hwtune
