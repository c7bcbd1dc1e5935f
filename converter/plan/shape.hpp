#pragma once

#include <cstdint>

#include "streamer/index/track_info.hpp"

/// Sizes of pictures. Pure.
namespace carrel::converter {

struct Size {
  std::uint32_t width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

/// Quarter turns clockwise, 0 to 3, that show the coded picture as the matrix wants it. What is no quarter
/// turn is 0.
[[nodiscard]] int quarter_turns(const streamer::Matrix& matrix);

/// The largest even size of the film's shape, as shown, that fits; never larger than the film. A bound of 0
/// is none.
[[nodiscard]] Size shown_inside(const streamer::TrackInfo& track, Size bounds);

/// Of a picture made anew, before it is turned by the matrix: as shown it has `height` lines, but never more
/// than the film, and both sides even. 0: as the film.
[[nodiscard]] Size made_size(const streamer::TrackInfo& track, std::uint32_t height);

/// How tiles lie on a sheet.
struct Sheet {
  Size tile;
  std::uint32_t columns = 1, rows = 1;
  [[nodiscard]] Size size() const { return {tile.width * columns, tile.height * rows}; }
  /// Where a tile's first pixel is.
  [[nodiscard]] Size place(std::size_t number) const;
};
[[nodiscard]] Sheet sheet_of(Size tile, std::size_t pictures, std::uint32_t columns);

}  // namespace carrel::converter
