#include "streamer/demux/pieces.hpp"

#include <limits>

namespace carrel::streamer {

void PieceList::begin() {
  first_ = pieces_.size();
}

bool PieceList::full() const {
  return pieces_.size() > kMaxPieces || literals_.size() > kMaxLiteralBytes;
}

/// Whether `last` can be made to give `length` bytes from `offset` as well.
bool PieceList::join(PieceRecord& last, std::uint64_t offset, std::uint32_t length) const {
  constexpr std::uint64_t most = std::numeric_limits<std::uint16_t>::max();
  if ((last.offset & kPieceLiteral) != 0 || length > kMaxSampleBytes - last.length) return false;
  if (last.stride == 0) {
    if (last.offset + last.length == offset) {
      last.length += length;
      return true;
    }
    const bool ahead = offset > last.offset + last.length;
    if (!ahead || last.length > most || offset - last.offset > most || length > last.length) return false;
    last.part = static_cast<std::uint16_t>(last.length);
    last.stride = static_cast<std::uint16_t>(offset - last.offset);
    last.length += length;
    return true;
  }
  const std::uint64_t parts = last.length / last.part;
  if (last.length % last.part != 0 || length > last.part || offset != last.offset + parts * last.stride)
    return false;
  last.length += length;
  return true;
}

void PieceList::add_film(std::uint64_t offset, std::uint32_t length) {
  if (length == 0) return;
  if (pieces_.size() > first_ && join(pieces_.back(), offset, length)) return;
  pieces_.push_back({offset, length, 0, 0});
}

void PieceList::add_literal(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  const std::uint64_t offset = literals_.size();
  literals_ += bytes;
  if (pieces_.size() > first_) {
    PieceRecord& last = pieces_.back();
    const bool literal = (last.offset & kPieceLiteral) != 0;
    if (literal && (last.offset & ~kPieceLiteral) + last.length == offset) {
      last.length += length;
      return;
    }
  }
  pieces_.push_back({offset | kPieceLiteral, length, 0, 0});
}

}  // namespace carrel::streamer
