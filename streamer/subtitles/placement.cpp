#include "streamer/subtitles/placement.hpp"

#include <algorithm>
#include <cmath>

namespace carrel::streamer::subtitles {
namespace {

constexpr double kLineHeight = 5.33;  // WebVTT section 7.4: 5vh, and what browsers put between lines
constexpr double kLowest = 95;

std::string percent(double value) {
  return std::to_string(static_cast<int>(std::lround(std::clamp(value, 0.0, 100.0)))) + "%";
}

}  // namespace

std::string settings_of(const Placement& placement, int lines) {
  const int column = (placement.keypad - 1) % 3;  // 0: left
  const int row = (placement.keypad - 1) / 3;     // 0: below
  std::string settings;
  const auto add = [&](const std::string& setting) { settings += (settings.empty() ? "" : " ") + setting; };
  if (placement.point) {
    // WebVTT's line is where the box begins; the point is its lower edge, middle or upper edge.
    const double height = kLineHeight * lines;
    const double above = row == 0 ? height : row == 1 ? height / 2 : 0;
    add("line:" + percent(std::min(placement.point->down - above, kLowest - height)));
    add("position:" + percent(placement.point->across));
  } else {
    if (row == 2) add("line:0");
    if (row == 1) add("line:" + percent(50 - kLineHeight * lines / 2));
    if (column == 0) add("position:5%");
    if (column == 2) add("position:95%");
  }
  if (column == 0) add("align:left");
  if (column == 2) add("align:right");
  return settings;
}

}  // namespace carrel::streamer::subtitles
