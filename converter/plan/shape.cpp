#include "converter/plan/shape.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace carrel::converter {
namespace {

std::uint32_t even(double length) {
  return std::max(static_cast<std::uint32_t>(std::lround(length / 2)) * 2, 2U);
}

struct Shape {
  double width = 1, height = 1;
};

template <class Pair>
Pair turned(Pair size, int turns) {
  if (turns % 2 != 0) std::swap(size.width, size.height);
  return size;
}

/// With square pixels: made larger, never smaller, so that no pixel is lost.
Shape square_shape(const streamer::TrackInfo& track) {
  const double aspect = static_cast<double>(track.aspect_width) / track.aspect_height;
  double width = track.width, height = track.height;
  if (aspect >= 1) {
    width *= aspect;
  } else {
    height /= aspect;
  }
  constexpr double most = 32768;
  return {std::clamp(width, 1.0, most), std::clamp(height, 1.0, most)};
}

}  // namespace

int quarter_turns(const streamer::Matrix& matrix) {
  const std::int32_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (a == 0 && d == 0 && b > 0 && c < 0) return 1;
  if (b == 0 && c == 0 && a < 0 && d < 0) return 2;
  if (a == 0 && d == 0 && b < 0 && c > 0) return 3;
  return 0;
}

Size shown_inside(const streamer::TrackInfo& track, Size bounds) {
  const Shape film = turned(square_shape(track), quarter_turns(track.matrix));
  double scale = 1;
  if (bounds.width != 0) scale = std::min(scale, bounds.width / film.width);
  if (bounds.height != 0) scale = std::min(scale, bounds.height / film.height);
  Size size{even(film.width * scale), even(film.height * scale)};
  // Rounding to even may not push a side over its bound.
  if (bounds.width >= 2 && size.width > bounds.width) size.width -= 2;
  if (bounds.height >= 2 && size.height > bounds.height) size.height -= 2;
  return size;
}

Size made_size(const streamer::TrackInfo& track, std::uint32_t height) {
  const int turns = quarter_turns(track.matrix);
  const Shape film = turned(square_shape(track), turns);
  const double scale = height == 0 ? 1 : std::min(1.0, height / film.height);
  return turned(Size{even(film.width * scale), even(film.height * scale)}, turns);
}

Size Sheet::place(std::size_t number) const {
  const auto row = static_cast<std::uint32_t>(number / columns);
  const auto column = static_cast<std::uint32_t>(number % columns);
  return {column * tile.width, row * tile.height};
}

Sheet sheet_of(Size tile, std::size_t pictures, std::uint32_t columns) {
  const auto count = static_cast<std::uint32_t>(pictures);
  columns = std::clamp(columns, 1U, std::max(count, 1U));
  return {tile, columns, std::max((count + columns - 1) / columns, 1U)};
}

}  // namespace carrel::converter
