#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "streamer/transcode/planes.hpp"

namespace carrel::streamer {

/// AAC-LC, a frame of 1,024 samples at a time. Deterministic: the same blocks give the same frames.
class AacEncoder {
 public:
  /// Frames that an encoder is behind: the frame whose window begins with block b comes with block b + 2.
  static constexpr std::uint32_t kLookahead = 2;

  [[nodiscard]] static Result<AacEncoder> make(std::uint32_t rate, std::size_t channels,
                                               std::int64_t bits_per_second);
  AacEncoder(AacEncoder&&) noexcept;
  AacEncoder& operator=(AacEncoder&&) noexcept;
  ~AacEncoder();

  /// The first 1,024 samples of `sound`. The first call gives nothing. Empty text: this frame could not be
  /// encoded.
  [[nodiscard]] std::optional<std::string> encode(const Planes& sound);

 private:
  struct Parts;
  explicit AacEncoder(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace carrel::streamer
