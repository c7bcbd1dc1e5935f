#pragma once

/// Without libx264: carrel-hwtune measures with it, too.
namespace carrel::converter {

/// libx264's, for pictures whose shorter side has so many pixels. Fast for what is large: a converter has one
/// CPU.
[[nodiscard]] constexpr const char* preset_for(unsigned lines) {
  constexpr unsigned large = 600;
  return lines > large ? "veryfast" : "faster";
}

}  // namespace carrel::converter
