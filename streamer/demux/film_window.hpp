#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "streamer/demux/film_reader.hpp"

namespace carrel::streamer {

/// The part of a film around which its packets are looked for, read once and shared by its tracks, which go
/// through the film side by side. Bounds the work of all searches together.
class FilmWindow {
 public:
  static constexpr std::size_t kMost = std::size_t{6} << 20;  ///< bytes that can be asked for at once

  /// `film` must outlive the window.
  explicit FilmWindow(FilmReader& film);

  /// Up to `length` (≤ kMost) bytes from `offset`, fewer at the film's end. Valid until the next call.
  [[nodiscard]] std::span<const std::byte> at(std::uint64_t offset, std::size_t length);

  /// Likewise, but of any length, and what lies apart from what was read before is read by itself: tracks far
  /// from each other would push each other out of the window.
  [[nodiscard]] std::span<const std::byte> look(std::uint64_t offset, std::size_t length);

  /// Takes `bytes` from what may be searched; false: it is used up.
  [[nodiscard]] bool spend(std::size_t bytes);

 private:
  void make_room(std::uint64_t offset, std::size_t length);

  FilmReader& film_;
  std::vector<std::byte> buffer_, apart_;
  std::uint64_t base_ = 0;
  std::size_t filled_ = 0;
  unsigned strays_ = 0;  ///< reads in a row that lay apart
  std::uint64_t work_;
};

}  // namespace carrel::streamer
