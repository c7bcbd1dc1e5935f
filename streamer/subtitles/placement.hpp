#pragma once

#include <optional>
#include <string>

namespace carrel::streamer::subtitles {

/// Where a subtitle stands: the key of the numeric keypad that lies there (2: below, in the middle), and a
/// point in hundredths of the picture's width and height.
struct Placement {
  int keypad = 2;
  struct Point {
    double across = 0, down = 0;
    bool operator==(const Point&) const = default;
  };
  std::optional<Point> point{};
};

/// As WebVTT settings; empty where a player puts it anyway. `lines`: of the cue's text.
[[nodiscard]] std::string settings_of(const Placement& placement, int lines);

}  // namespace carrel::streamer::subtitles
