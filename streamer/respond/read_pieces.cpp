#include "streamer/respond/read_pieces.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace carrel::streamer {
namespace {

constexpr std::size_t kStridedRead = 128 * 1024;  // of the film at once

}  // namespace

Result<void> read_film(int film, std::uint64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(film, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      return make_error(ErrorKind::invalid, "the film ends before byte " +
                                                std::to_string(offset + into.size()) +
                                                "; it was changed while it was sent");
    } else if (errno != EINTR) {
      return errno_error("read the film at byte " + std::to_string(offset + done), errno);
    }
  }
  return {};
}

Result<void> read_strided(int film, StridedBytes bytes, std::span<char> into) {
  std::vector<char> around;
  while (bytes.length > 0) {
    const std::uint64_t parts = std::max<std::uint64_t>(kStridedRead / bytes.stride, 1);
    StridedBytes now = bytes;
    now.length = std::min(bytes.length, parts * bytes.part - bytes.skip);
    const std::uint64_t begin = now.offset + now.skip;
    around.resize(static_cast<std::size_t>(film_end(now) - begin));
    Result<void> read = read_film(film, begin, around);
    if (!read) {
      return read;
    }
    std::size_t from = 0;
    std::size_t part = now.part - now.skip;
    for (std::uint64_t left = now.length; left > 0;) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, part));
      std::copy_n(around.data() + from, take, into.data());
      into = into.subspan(take);
      left -= take;
      from += part + (now.stride - now.part);
      part = now.part;
    }
    bytes = after(bytes, now.length);
  }
  return {};
}

Result<std::string> read_pieces(int film, const Pieces& pieces) {
  std::string bytes(static_cast<std::size_t>(total_bytes(pieces)), '\0');
  std::span<char> into(bytes);
  for (const Piece& piece : pieces) {
    const std::span<char> part = into.first(static_cast<std::size_t>(piece_bytes(piece)));
    into = into.subspan(part.size());
    Result<void> read;
    if (const auto* made = std::get_if<MadeBytes>(&piece)) {
      std::ranges::copy(*made, part.begin());
    } else if (const auto* strided = std::get_if<StridedBytes>(&piece)) {
      read = read_strided(film, *strided, part);
    } else if (const auto* later = std::get_if<LaterBytes>(&piece)) {
      read = later->maker->make(film, later->offset, part);
    } else {
      read = read_film(film, std::get<FilmBytes>(piece).offset, part);
    }
    if (!read) {
      return read.error();
    }
  }
  return bytes;
}

}  // namespace carrel::streamer
