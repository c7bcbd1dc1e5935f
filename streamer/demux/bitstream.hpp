#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "streamer/demux/raw_sample.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// Reads just so much of a video track's samples as tells where a player may begin. Any bytes may come in.
class Bitstream {
 public:
  virtual ~Bitstream() = default;

  /// To be called for each sample in decoding order.
  [[nodiscard]] virtual Entry classify(std::span<const std::byte> sample) = 0;

  /// The sample classified last is the second field of the picture of which the one before was the first.
  [[nodiscard]] virtual bool is_second_field() const { return false; }

  /// Of the sample classified last.
  [[nodiscard]] virtual Shown shown() const { return Shown::unknown; }
  /// Samples are stored so that each shows one picture in its turn, whatever shown() says of them.
  [[nodiscard]] virtual bool shown_as_stored() const { return false; }

  /// After the last sample: fills what only the samples tell (VP9: the whole configuration).
  /// `frames_per_second` is for the codec's level.
  virtual void complete(TrackInfo&, double /*frames_per_second*/) const {}

  /// The decoder's parameters are not the same throughout: one init segment cannot describe the track.
  [[nodiscard]] virtual bool parameters_change() const { return false; }
};

/// `config`: payload of avcC or hvcC. Null for a codec that is not video, or a configuration that is damaged.
[[nodiscard]] std::unique_ptr<Bitstream> make_bitstream(Codec codec, const std::string& config);

[[nodiscard]] std::unique_ptr<Bitstream> make_h264(const std::string& config);
[[nodiscard]] std::unique_ptr<Bitstream> make_hevc(const std::string& config);
[[nodiscard]] std::unique_ptr<Bitstream> make_vp8();
[[nodiscard]] std::unique_ptr<Bitstream> make_vp9();
[[nodiscard]] std::unique_ptr<Bitstream> make_av1();
[[nodiscard]] std::unique_ptr<Bitstream> make_mpeg2();  ///< MPEG-1 as well
[[nodiscard]] std::unique_ptr<Bitstream> make_mpeg4();

}  // namespace carrel::streamer
