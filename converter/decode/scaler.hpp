#pragma once

#include <memory>
#include <optional>

#include "base/error.hpp"
#include "converter/decode/libav.hpp"
#include "converter/decode/tone_map.hpp"
#include "converter/plan/shape.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::converter {

/// Makes decoded frames of any size and form into pictures of one size and form.
class Scaler {
 public:
  enum class Form {
    rgb,    ///< 8 bits a channel, for screens without high dynamic range
    yuv420  ///< 8 bits, limited range; the film's own matrix, but BT.709 where it was HDR or RGB
  };

  Scaler(const streamer::TrackInfo& track, Size size, Form form);

  /// Valid until the next call. ErrorKind::invalid: the frame's form is not known.
  [[nodiscard]] Result<AVFrame*> convert(const AVFrame& frame);

 private:
  struct Key {
    int width = 0, height = 0, format = 0, matrix = 0;
    bool full = false;
    bool operator==(const Key&) const = default;
  };
  [[nodiscard]] Result<void> prepare(const Key& key);
  [[nodiscard]] Key key_of(const AVFrame& frame) const;

  streamer::Colour colour_;
  Size size_;
  Form form_;
  std::optional<ToneMap> tone_;
  std::optional<Key> key_;
  libav::Scaler first_, second_;  ///< the second: from tone-mapped RGB
  libav::Frame middle_, out_;
};

}  // namespace carrel::converter
