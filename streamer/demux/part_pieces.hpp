#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "streamer/demux/framing.hpp"
#include "streamer/demux/pieces.hpp"
#include "streamer/demux/scatter_locator.hpp"

namespace carrel::streamer {

/// Of a sample's parts.
[[nodiscard]] std::uint32_t bytes_in(const std::vector<Part>& parts);

/// Adds a range of the packet `bytes`, which lies in the film as `runs` tell.
void add_range(PieceList& pieces, std::size_t from, std::size_t size, Bytes bytes, std::span<const Run> runs);

/// Adds `parts` of the packet likewise; they are in order.
void add_parts(PieceList& pieces, const std::vector<Part>& parts, Bytes bytes, std::span<const Run> runs);

}  // namespace carrel::streamer
