#pragma once

#include <cstdint>
#include <variant>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"
#include "tests/fuzz/require.hpp"

namespace carrel::fuzz {

inline void require_inside(const streamer::IndexView& index, const Result<streamer::Packaged>& packaged) {
  if (!packaged) return;
  for (const streamer::Piece& piece : packaged->body) {
    if (const auto* strided = std::get_if<streamer::StridedBytes>(&piece))
      require(film_end(*strided) <= index.film_bytes());
    const auto* bytes = std::get_if<streamer::FilmBytes>(&piece);
    require(bytes == nullptr ||
            (bytes->length <= index.film_bytes() && bytes->offset <= index.film_bytes() - bytes->length));
  }
}

/// Packages every resource of the index, the first segments of each track: none reaches beyond the film.
inline void package_everything(const streamer::IndexView& index) {
  require_inside(index, package_master(index));
  for (std::uint32_t track = 0; track <= index.tracks().size(); ++track) {
    require_inside(index, package_media_playlist(index, track));
    require_inside(index, package_init(index, track));
    for (std::uint32_t segment = 0; segment < 64; ++segment) {
      const auto packaged = package_segment(index, track, segment);
      require_inside(index, packaged);
      if (packaged.has_error() && packaged.error().kind == ErrorKind::not_found) break;
    }
  }
}

}  // namespace carrel::fuzz
