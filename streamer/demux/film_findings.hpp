#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streamer/demux/container.hpp"
#include "streamer/demux/film_reader.hpp"
#include "streamer/demux/matroska_outline.hpp"
#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

/// As players write times: 1:02:03.
[[nodiscard]] std::string clock_text(std::uint64_t seconds);

/// Why a film that no demuxer can open is of no use, for people.
[[nodiscard]] std::string why_unreadable(FilmReader& film);

/// That a film ends long before the end that its container tells; empty: it does not.
[[nodiscard]] std::optional<std::string> ends_early(const Container& container, std::int64_t told_us,
                                                    std::uint64_t found_us);

/// That players of the file itself cannot seek well in it; empty: they can, or it is not known.
[[nodiscard]] std::optional<std::string> cues_finding(MatroskaOutline::Cues cues);

/// That sound and picture begin or end far apart.
[[nodiscard]] std::vector<std::string> apart_findings(const FilmIndex& index);

}  // namespace carrel::streamer
