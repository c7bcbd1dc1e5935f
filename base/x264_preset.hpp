#pragma once

namespace carrel {

/// libx264's preset for pictures whose shorter side has so many pixels: of the converter, and of
/// carrel-hwtune, which measures how fast one would be. Fast for what is large: a converter has one CPU.
[[nodiscard]] constexpr const char* x264_preset(unsigned lines) {
  constexpr unsigned large = 600;
  return lines > large ? "veryfast" : "faster";
}

}  // namespace carrel
