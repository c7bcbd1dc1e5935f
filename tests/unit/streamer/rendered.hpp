#pragma once

#include <string>
#include <string_view>

#include "streamer/respond/body.hpp"

namespace carrel::test {

/// The bytes of `pieces`, with those of the film taken from `film`.
inline std::string rendered(const streamer::Pieces& pieces, std::string_view film) {
  std::string all;
  for (const streamer::Piece& piece : pieces) {
    if (const auto* run = std::get_if<streamer::FilmBytes>(&piece)) {
      all += film.substr(run->offset, run->length);
    } else if (const auto* strided = std::get_if<streamer::StridedBytes>(&piece)) {
      for (std::uint64_t i = 0; i < strided->length; ++i) {
        const std::uint64_t at = strided->skip + i;
        all += film.at(strided->offset + at / strided->part * strided->stride + at % strided->part);
      }
    } else if (const auto* later = std::get_if<streamer::LaterBytes>(&piece)) {
      std::string made(static_cast<std::size_t>(later->length), '\0');
      if (!later->maker->make(-1, later->offset, made)) all += "(not made)";
      all += made;
    } else {
      all += std::get<streamer::MadeBytes>(piece);
    }
  }
  return all;
}

/// Text in which every position is recognisable.
inline std::string film_text(std::size_t size) {
  std::string text;
  text.reserve(size + 8);
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += std::to_string(i) + ".";
  }
  text.resize(size);
  return text;
}

}  // namespace carrel::test
