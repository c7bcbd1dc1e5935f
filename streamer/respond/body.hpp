#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace carrel::streamer {

/// Bytes of the film, sent from its descriptor without being read into memory.
struct FilmBytes {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const FilmBytes&) const = default;
};

/// Bytes made here: headers, playlists, boxes, small samples gathered together.
using MadeBytes = std::string;

using Piece = std::variant<MadeBytes, FilmBytes>;

/// A body (or a whole answer) as the pieces it is made of, in order. Pure data: planned first, sent later.
using Pieces = std::vector<Piece>;

[[nodiscard]] std::uint64_t piece_bytes(const Piece& piece);
[[nodiscard]] std::uint64_t total_bytes(const Pieces& pieces);

/// Drops the first `count` bytes; count ≤ total_bytes(pieces).
[[nodiscard]] Pieces skip_bytes(Pieces pieces, std::uint64_t count);

/// Appends `length` bytes of `from`, starting at its byte `offset`; offset + length ≤ total_bytes(from).
void append_slice(Pieces& to, const Pieces& from, std::uint64_t offset, std::uint64_t length);

}  // namespace carrel::streamer
