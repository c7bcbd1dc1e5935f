#pragma once

#include <cstdint>
#include <set>

#include "streamer/demux/film_reader.hpp"

namespace carrel::streamer {

/// What a Matroska file says of itself outside of its clusters (RFC 9559), of which libavformat does not
/// tell.
struct MatroskaOutline {
  enum class Cues : std::uint8_t { unknown, missing, wrong, right };
  Cues cues = Cues::unknown;
  std::set<std::uint64_t>
      hidden_chapters;  ///< by their numbers (ChapterUID): not to be shown, or not enabled
};

/// Reads the beginning of the file, and what its index of elements points at; any bytes may come in.
[[nodiscard]] MatroskaOutline outline_of(FilmReader& film);

}  // namespace carrel::streamer
