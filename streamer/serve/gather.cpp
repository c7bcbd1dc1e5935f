#include "streamer/serve/gather.hpp"

#include <algorithm>
#include <string>

namespace carrel::streamer {
namespace {

Result<void> append_film(int film, std::uint64_t offset, std::size_t length, SendBuffer& buffer) {
  return read_film(film, offset, buffer.extend(length));
}

Result<void> append_strided(int film, const StridedBytes& bytes, SendBuffer& buffer) {
  return read_strided(film, bytes, buffer.extend(static_cast<std::size_t>(bytes.length)));
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

BodyMaker* unprepared(const Pieces& pieces, const Cursor& cursor) {
  if (cursor.piece >= pieces.size()) {
    return nullptr;
  }
  const auto* later = std::get_if<LaterBytes>(&pieces[cursor.piece]);
  return later == nullptr || later->maker->prepared() ? nullptr : later->maker.get();
}

Result<void> gather(const Pieces& pieces, Cursor& cursor, int film, SendBuffer& buffer) {
  while (cursor.piece < pieces.size() && buffer.room() > 0 && !at_long_run(pieces, cursor) &&
         unprepared(pieces, cursor) == nullptr) {
    const std::size_t room = buffer.room();
    if (const auto* made = std::get_if<MadeBytes>(&pieces[cursor.piece])) {
      const std::size_t take = std::min(room, made->size() - static_cast<std::size_t>(cursor.offset));
      made->copy(buffer.extend(take).data(), take, static_cast<std::size_t>(cursor.offset));
      advance(pieces, cursor, take);
    } else if (const auto* strided = std::get_if<StridedBytes>(&pieces[cursor.piece])) {
      StridedBytes rest = after(*strided, cursor.offset);
      rest.length = std::min<std::uint64_t>(room, rest.length);
      Result<void> read = append_strided(film, rest, buffer);
      if (!read) {
        return read;
      }
      advance(pieces, cursor, rest.length);
    } else if (const auto* later = std::get_if<LaterBytes>(&pieces[cursor.piece])) {
      const auto take =
          static_cast<std::size_t>(std::min<std::uint64_t>(room, later->length - cursor.offset));
      Result<void> done = later->maker->make(film, later->offset + cursor.offset, buffer.extend(take));
      if (!done) {
        return done;
      }
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
