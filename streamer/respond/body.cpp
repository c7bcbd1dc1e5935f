#include "streamer/respond/body.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace carrel::streamer {

std::uint64_t piece_bytes(const Piece& piece) {
  if (const auto* film = std::get_if<FilmBytes>(&piece)) {
    return film->length;
  }
  if (const auto* strided = std::get_if<StridedBytes>(&piece)) {
    return strided->length;
  }
  if (const auto* later = std::get_if<LaterBytes>(&piece)) {
    return later->length;
  }
  return std::get<MadeBytes>(piece).size();
}

StridedBytes after(StridedBytes bytes, std::uint64_t count) {
  const std::uint64_t passed = bytes.skip + count;
  bytes.offset += passed / bytes.part * bytes.stride;
  bytes.skip = static_cast<std::uint32_t>(passed % bytes.part);
  bytes.length -= count;
  return bytes;
}

std::uint64_t film_end(const StridedBytes& bytes) {
  if (bytes.length == 0) {
    return bytes.offset;
  }
  const std::uint64_t last = bytes.skip + bytes.length - 1;
  return bytes.offset + last / bytes.part * bytes.stride + last % bytes.part + 1;
}

std::uint64_t total_bytes(const Pieces& pieces) {
  std::uint64_t total = 0;
  for (const Piece& piece : pieces) {
    total += piece_bytes(piece);
  }
  return total;
}

Pieces skip_bytes(Pieces pieces, std::uint64_t count) {
  std::size_t whole = 0;
  while (whole < pieces.size() && piece_bytes(pieces[whole]) <= count) {
    count -= piece_bytes(pieces[whole]);
    ++whole;
  }
  if (whole == pieces.size() && count > 0) {
    throw std::out_of_range("skip_bytes: more bytes than there are");
  }
  pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(whole));
  if (count > 0) {
    if (auto* film = std::get_if<FilmBytes>(&pieces.front())) {
      film->offset += count;
      film->length -= count;
    } else if (auto* strided = std::get_if<StridedBytes>(&pieces.front())) {
      *strided = after(*strided, count);
    } else if (auto* later = std::get_if<LaterBytes>(&pieces.front())) {
      later->offset += count;
      later->length -= count;
    } else {
      std::get<MadeBytes>(pieces.front()).erase(0, count);
    }
  }
  return pieces;
}

void append_slice(Pieces& to, const Pieces& from, std::uint64_t offset, std::uint64_t length) {
  for (const Piece& piece : from) {
    const std::uint64_t size = piece_bytes(piece);
    if (offset >= size) {
      offset -= size;
      continue;
    }
    const std::uint64_t take = std::min(length, size - offset);
    if (take == 0) {
      return;
    }
    if (const auto* film = std::get_if<FilmBytes>(&piece)) {
      to.emplace_back(FilmBytes{film->offset + offset, take});
    } else if (const auto* strided = std::get_if<StridedBytes>(&piece)) {
      StridedBytes slice = after(*strided, offset);
      slice.length = take;
      to.emplace_back(slice);
    } else if (const auto* later = std::get_if<LaterBytes>(&piece)) {
      to.emplace_back(LaterBytes{later->maker, later->offset + offset, take});
    } else {
      to.emplace_back(std::get<MadeBytes>(piece).substr(offset, take));
    }
    length -= take;
    offset = 0;
  }
  if (length > 0) {
    throw std::out_of_range("append_slice: more bytes than there are");
  }
}

}  // namespace carrel::streamer
