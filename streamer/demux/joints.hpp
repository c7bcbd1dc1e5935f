#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "streamer/demux/film_reader.hpp"

namespace carrel::streamer {

/// Where another recording begins inside of a Matroska, WebM or FLV that was joined end to end (`cat`): its
/// header stands in the middle of the file. Any bytes may come in.
class Joints {
 public:
  /// `film` must outlive this.
  explicit Joints(FilmReader& film);

  /// To be shown all that the demuxer reads, before it does. The headers are changed so that libavformat goes
  /// on behind them: it would leave out what it takes for an FLV's tag of 5 MB, or a second segment.
  void see(std::uint64_t offset, std::span<std::byte> bytes);

  /// How many lie at or before `position`.
  [[nodiscard]] std::size_t before(std::uint64_t position) const;

 private:
  FilmReader& film_;
  std::string_view magic_;  ///< with which the film begins; empty: it is of another container
  std::string around_;
  std::set<std::uint64_t> found_;
};

}  // namespace carrel::streamer
