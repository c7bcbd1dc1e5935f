#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streamer/demux/container.hpp"
#include "streamer/demux/film_reader.hpp"

namespace carrel::streamer {

/// Why a film that no demuxer can open is of no use, for people.
[[nodiscard]] std::string why_unreadable(FilmReader& film);

/// That a film ends long before the end that its container tells; empty: it does not.
[[nodiscard]] std::optional<std::string> ends_early(const Container& container, std::int64_t told_us,
                                                    std::uint64_t found_us);

}  // namespace carrel::streamer
