#pragma once

#include <cstddef>

#include "converter/decode/libav.hpp"
#include "converter/plan/shape.hpp"

namespace carrel::converter {

/// A grey picture of 8-bit RGB; null: no memory.
[[nodiscard]] libav::Frame grey_sheet(Size size);

/// Puts `tile` (RGB, not yet turned) at its place on the sheet, turned by quarter turns clockwise. Once
/// turned it has the size of the sheet's tiles.
void place_tile(AVFrame& image, const Sheet& sheet, std::size_t number, const AVFrame& tile, int turns);

}  // namespace carrel::converter
