#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "streamer/index/film_index.hpp"

namespace carrel::streamer::subtitles {

inline constexpr std::size_t kMaxSidecarText = 16U << 20;      ///< bytes of a file of text
inline constexpr std::size_t kMaxSidecarPictures = 48U << 20;  ///< of .sup and .sub

/// A file beside the film, and what its name tells.
struct SidecarText {
  std::string extension;  ///< lower case: "srt", "ass", "ssa", "vtt", "sup", "idx"
  std::string language, title;
  bool forced = false, hearing_impaired = false;
  std::string bytes;
  std::string sub;  ///< of an .idx: its .sub
};

/// The tracks that it becomes: none when nothing in it is a subtitle, several of an .idx with several
/// languages. `origin_us`: the file's time that is zero in the film's index.
[[nodiscard]] std::vector<FilmIndex::Track> tracks_of(const SidecarText& file, std::int64_t origin_us);

}  // namespace carrel::streamer::subtitles
