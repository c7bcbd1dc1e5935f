#include "streamer/serve/gather.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace carrel::streamer {
namespace {

Result<void> append_film(int film, std::uint64_t offset, std::size_t length, SendBuffer& buffer) {
  const std::span<char> into = buffer.extend(length);
  std::size_t done = 0;
  while (done < length) {
    const ssize_t got = ::pread(film, into.data() + done, length - done, static_cast<off_t>(offset + done));
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      return make_error(ErrorKind::invalid, "the film ends before byte " + std::to_string(offset + length) +
                                                "; it was changed while it was sent");
    } else if (errno != EINTR) {
      return errno_error("read the film at byte " + std::to_string(offset + done), errno);
    }
  }
  return {};
}

void advance(const Pieces& pieces, Cursor& cursor, std::uint64_t count) {
  cursor.offset += count;
  if (cursor.offset == piece_bytes(pieces[cursor.piece])) {
    cursor = {cursor.piece + 1, 0};
  }
}

}  // namespace

std::span<char> SendBuffer::extend(std::size_t count) {
  if (!bytes_) {
    bytes_ = std::make_unique_for_overwrite<char[]>(kGatherBytes);
  }
  const std::span<char> added(bytes_.get() + filled_, count);
  filled_ += count;
  return added;
}

bool at_long_run(const Pieces& pieces, const Cursor& cursor) {
  if (cursor.piece >= pieces.size()) {
    return false;
  }
  const auto* film = std::get_if<FilmBytes>(&pieces[cursor.piece]);
  return film != nullptr && film->length - cursor.offset >= kSmallRun;
}

Result<void> gather(const Pieces& pieces, Cursor& cursor, int film, SendBuffer& buffer) {
  while (cursor.piece < pieces.size() && buffer.room() > 0 && !at_long_run(pieces, cursor)) {
    const std::size_t room = buffer.room();
    if (const auto* made = std::get_if<MadeBytes>(&pieces[cursor.piece])) {
      const std::size_t take = std::min(room, made->size() - static_cast<std::size_t>(cursor.offset));
      made->copy(buffer.extend(take).data(), take, static_cast<std::size_t>(cursor.offset));
      advance(pieces, cursor, take);
    } else {
      const FilmBytes& run = std::get<FilmBytes>(pieces[cursor.piece]);
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(room, run.length - cursor.offset));
      Result<void> read = append_film(film, run.offset + cursor.offset, take, buffer);
      if (!read) {
        return read;
      }
      advance(pieces, cursor, take);
    }
  }
  return {};
}

Result<void> copy_run(const Pieces& pieces, Cursor& cursor, int film, SendBuffer& buffer) {
  const FilmBytes& run = std::get<FilmBytes>(pieces[cursor.piece]);
  const auto take =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.room(), run.length - cursor.offset));
  Result<void> read = append_film(film, run.offset + cursor.offset, take, buffer);
  if (read) {
    advance(pieces, cursor, take);
  }
  return read;
}

}  // namespace carrel::streamer
