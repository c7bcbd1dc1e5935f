#include "streamer/package/sample_bytes.hpp"

namespace carrel::streamer {
namespace {

void append_film(Pieces& to, std::uint64_t offset, std::uint64_t length) {
  auto* last = to.empty() ? nullptr : std::get_if<FilmBytes>(&to.back());
  if (last != nullptr && last->offset + last->length == offset) {
    last->length += length;
  } else {
    to.emplace_back(FilmBytes{offset, length});
  }
}

void append_made(Pieces& to, std::string_view bytes) {
  auto* last = to.empty() ? nullptr : std::get_if<MadeBytes>(&to.back());
  if (last != nullptr) {
    *last += bytes;
  } else {
    to.emplace_back(MadeBytes(bytes));
  }
}

}  // namespace

void append_pieces(Pieces& to, const IndexView::Track& track, std::span<const PieceRecord> pieces) {
  for (const PieceRecord& piece : pieces) {
    if ((piece.offset & kPieceLiteral) != 0) {
      append_made(to, track.literals.substr(piece.offset & ~kPieceLiteral, piece.length));
    } else if (piece.stride != 0) {
      to.emplace_back(StridedBytes{piece.offset, piece.length, piece.part, piece.stride, 0});
    } else {
      append_film(to, piece.offset, piece.length);
    }
  }
}

Result<void> append_sample(Pieces& to, const IndexView& index, const IndexView::Track& track,
                           const SampleRecord& sample) {
  if (sample.size == 0) return {};
  if ((sample.flags & kSampleScattered) == 0) {
    append_film(to, sample.offset, sample.size);
    return {};
  }
  const auto pieces = index.pieces_of(track, sample);
  if (!pieces) return pieces.error();
  append_pieces(to, track, *pieces);
  return {};
}

}  // namespace carrel::streamer
