#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "converter/plan/shape.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::converter {

struct EncoderSettings {
  Size size;
  std::uint32_t timescale = 1;
  double frames_per_second = 25;
  std::uint32_t bits_per_second = 0;  ///< at most; 0: no bound
  bool reorders = false;              ///< frames may be decoded in another order than they are shown
  streamer::Colour colour;
};

/// Planes of 4:2:0, 8 bits.
struct Planes {
  const std::uint8_t* data[3];
  int stride[3];
};

/// H.264 by libx264, on this thread: one closed group of pictures, which begins with an IDR picture and has
/// no other. The same frames give the same bytes.
class X264Encoder {
 public:
  struct Frame {
    std::string bytes;  ///< NAL units, each behind its length in four bytes
    std::int64_t time = 0;
  };

  /// `may_reorder`: this group of pictures; only with settings.reorders. ErrorKind::internal: libx264
  /// refuses.
  [[nodiscard]] static Result<X264Encoder> open(const EncoderSettings& settings, bool may_reorder);

  X264Encoder(X264Encoder&&) noexcept = default;
  X264Encoder& operator=(X264Encoder&&) noexcept = default;

  /// `time` in ticks, later than the one before. What comes out, in decoding order, may be of earlier frames.
  [[nodiscard]] Result<void> encode(const Planes& picture, std::int64_t time, std::vector<Frame>& out);
  [[nodiscard]] Result<void> finish(std::vector<Frame>& out);

  /// Payload of `avcC`: the same for all that are opened with the same settings.
  [[nodiscard]] Result<std::string> configuration() const;

 private:
  struct Close {
    void operator()(void* encoder) const;
  };
  X264Encoder(void* encoder, bool may_reorder, Size size);
  [[nodiscard]] Result<bool> take(void* picture, std::vector<Frame>& out);

  std::unique_ptr<void, Close> encoder_;
  bool may_reorder_;
  Size size_;
  std::int64_t first_ = 0;
  bool begun_ = false;
};

/// Changes whenever the same film may be made into other bytes than before.
[[nodiscard]] std::uint32_t encoder_version();

}  // namespace carrel::converter
