#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace carrel::streamer {

/// Bytes of the film, sent from its descriptor without being read into memory.
struct FilmBytes {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const FilmBytes&) const = default;
};

/// `length` bytes of the film that come in parts of `part` bytes, each `stride` bytes after the one before.
/// The first begins `skip` (< part) bytes after its own beginning, which is at `offset`.
struct StridedBytes {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint32_t part = 1;
  std::uint32_t stride = 1;
  std::uint32_t skip = 0;
  bool operator==(const StridedBytes&) const = default;
};

/// Bytes made here: headers, playlists, boxes, small samples gathered together.
using MadeBytes = std::string;

/// Makes a body that would be long, or dear, to make before it is sent. Its length is known beforehand, and a
/// byte of it is always the same.
class BodyMaker {
 public:
  virtual ~BodyMaker() = default;
  BodyMaker(const BodyMaker&) = delete;
  BodyMaker& operator=(const BodyMaker&) = delete;

  /// False where so much has to be done before a byte is there that others should have their turn meanwhile:
  /// prepare() does it.
  [[nodiscard]] virtual bool prepared() const { return true; }
  /// Works until about `until`. ErrorKind as of make().
  [[nodiscard]] virtual Result<void> prepare(int /*film*/, std::chrono::steady_clock::time_point /*until*/) {
    return {};
  }

  /// Fills `into` with the bytes from `offset` on, mostly in the order of their places. `film` is read with
  /// pread. ErrorKind::invalid: the film ends before.
  [[nodiscard]] virtual Result<void> make(int film, std::uint64_t offset, std::span<char> into) = 0;

 protected:
  BodyMaker() = default;
};

/// `length` bytes of `maker` from `offset` on, made while they are sent.
struct LaterBytes {
  std::shared_ptr<BodyMaker> maker;  ///< not null
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const LaterBytes&) const = default;
};

using Piece = std::variant<MadeBytes, FilmBytes, StridedBytes, LaterBytes>;

/// A body (or a whole answer) as the pieces it is made of, in order. Pure data: planned first, sent later.
using Pieces = std::vector<Piece>;

[[nodiscard]] std::uint64_t piece_bytes(const Piece& piece);
[[nodiscard]] std::uint64_t total_bytes(const Pieces& pieces);

/// Drops the first `count` bytes; count ≤ total_bytes(pieces).
[[nodiscard]] Pieces skip_bytes(Pieces pieces, std::uint64_t count);

/// Without its first `count` bytes (at most its length).
[[nodiscard]] StridedBytes after(StridedBytes bytes, std::uint64_t count);

/// Where the last of its bytes ends in the film.
[[nodiscard]] std::uint64_t film_end(const StridedBytes& bytes);

/// Appends `length` bytes of `from`, starting at its byte `offset`; offset + length ≤ total_bytes(from).
void append_slice(Pieces& to, const Pieces& from, std::uint64_t offset, std::uint64_t length);

}  // namespace carrel::streamer
