#pragma once

#include <string>

#include "streamer/demux/film_reader.hpp"
#include "streamer/demux/libav.hpp"

namespace carrel::streamer {

struct Container {
  std::string name;       ///< "mp4", "mov", "mkv", "webm", "avi", "mpegts", …
  std::string mime_type;  ///< "video/mp4"; "audio/…" where there is no picture
  std::string spoken;     ///< as people call it: "AVI"
  bool stores_dts = false;
};

/// By content alone: the demuxer's finding, the MP4 brand, the Matroska document type.
[[nodiscard]] Container container_of(const AVFormatContext& format, FilmReader& film, bool has_video);

}  // namespace carrel::streamer
