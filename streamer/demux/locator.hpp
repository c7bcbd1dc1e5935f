#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "streamer/demux/film_window.hpp"

namespace carrel::streamer {

/// Proves where the packets of one track lie in the film, by comparing bytes. A packet that the demuxer
/// changed (stripped headers, encryption, another framing) is not found.
class SampleLocator {
 public:
  /// `film` must outlive the locator.
  explicit SampleLocator(FilmWindow& film) : film_(film) {}

  /// `position`: where the demuxer found the packet or the block around it; negative: it does not say.
  /// `far`: behind more than a block's header, too.
  [[nodiscard]] std::optional<std::uint64_t> find(std::int64_t position, std::span<const std::byte> packet,
                                                  bool far = true);

 private:
  [[nodiscard]] std::optional<std::uint64_t> search(std::uint64_t from, std::size_t window,
                                                    std::span<const std::byte> packet);

  FilmWindow& film_;
  std::int64_t last_position_ = -1;
  std::uint64_t last_end_ = 0;  ///< where the packet before ended: the next frame of a lace begins there
};

}  // namespace carrel::streamer
