#pragma once

#include <cstdint>
#include <string_view>

#include "streamer/index/film_index.hpp"

namespace carrel::streamer::subtitles {

inline constexpr std::size_t kMaxDocumentLiterals = 64U << 20;

/// Builds a track's document from made bytes and bytes of the film. What adjoins becomes one piece.
class Document {
 public:
  /// `track` outlives the builder.
  explicit Document(FilmIndex::Track& track) : track_(track) {}

  /// False: the document has all that it may have; nothing was added.
  [[nodiscard]] bool add(std::string_view made);
  /// `length` bytes at `offset` of the film; not 0.
  [[nodiscard]] bool add_film(std::uint64_t offset, std::uint32_t length);
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  FilmIndex::Track& track_;
  std::uint64_t bytes_ = 0;
};

}  // namespace carrel::streamer::subtitles
