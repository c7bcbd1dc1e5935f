#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "streamer/demux/film_reader.hpp"

namespace carrel::streamer {

/// What a Matroska file says of itself outside of its clusters (RFC 9559), of which libavformat does not
/// tell.
struct MatroskaOutline {
  enum class Cues : std::uint8_t { unknown, missing, wrong, right };
  Cues cues = Cues::unknown;
  /// By their numbers (ChapterUID): not to be shown, not enabled, or of another edition than the one to show.
  std::set<std::uint64_t> hidden_chapters;
  /// How the packets of a track are packed where libavformat gives them out as they are stored; by the number
  /// of its stream.
  std::map<std::size_t, std::string> packed;
};

/// Reads the beginning of the file, and what its index of elements points at; any bytes may come in.
[[nodiscard]] MatroskaOutline outline_of(FilmReader& film);

}  // namespace carrel::streamer
