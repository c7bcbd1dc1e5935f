#include <array>
#include <cstdio>

#include "streamer/demux/bits.hpp"
#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/codec_config.hpp"

namespace carrel::streamer {
namespace {

struct KeyFrame {
  unsigned profile = 0;
  unsigned bit_depth = 8;
  unsigned chroma = 1;  ///< as in vpcC: 1 is 4:2:0 with chroma at the luma sample
  unsigned width = 0, height = 0;
  bool operator==(const KeyFrame&) const = default;
};

constexpr unsigned kFrameMarker = 2;
constexpr unsigned kSyncCode = 0x498342;
constexpr unsigned kRgb = 7;
constexpr unsigned k420 = 1, k422 = 2, k444 = 3;

unsigned read_chroma(BitReader& bits, unsigned profile) {
  const bool any = profile == 1 || profile == 3;
  if (bits.bits(3) == kRgb) {
    if (any) static_cast<void>(bits.bits(1));
    return k444;
  }
  static_cast<void>(bits.bits(1));  // range
  if (!any) return k420;
  const unsigned subsampling = bits.bits(2);
  static_cast<void>(bits.bits(1));
  if (subsampling == 3) return k420;
  return subsampling == 2 ? k422 : k444;
}

/// VP9 bitstream specification section 6.2, as far as the frame's size. Empty: not a key frame.
std::optional<KeyFrame> read_key_frame(std::span<const std::byte> sample) {
  BitReader bits(sample);
  if (bits.bits(2) != kFrameMarker) return std::nullopt;
  KeyFrame frame;
  const unsigned low = bits.bits(1);
  frame.profile = bits.bits(1) << 1 | low;
  if (frame.profile == 3) static_cast<void>(bits.bits(1));
  if (bits.flag()) return std::nullopt;  // shows a frame that there is
  if (bits.flag()) return std::nullopt;  // not a key frame
  static_cast<void>(bits.bits(2));       // show_frame, error_resilient_mode
  if (bits.bits(24) != kSyncCode) return std::nullopt;
  if (frame.profile >= 2) frame.bit_depth = bits.flag() ? 12 : 10;
  frame.chroma = read_chroma(bits, frame.profile);
  frame.width = bits.bits(16) + 1;
  frame.height = bits.bits(16) + 1;
  if (bits.overrun()) return std::nullopt;
  return frame;
}

struct Level {
  unsigned number;
  double luma_rate;
  double picture;
};

/// VP9 levels (webmproject.org/vp9/levels): by luma samples a second and a picture.
constexpr std::array<Level, 14> kLevels{{{10, 829440, 36864},
                                         {11, 2764800, 73728},
                                         {20, 4608000, 122880},
                                         {21, 9216000, 245760},
                                         {30, 20736000, 552960},
                                         {31, 36864000, 983040},
                                         {40, 83558400, 2228224},
                                         {41, 160432128, 2228224},
                                         {50, 311951360, 8912896},
                                         {51, 588251136, 8912896},
                                         {52, 1176502272, 8912896},
                                         {60, 1176502272, 35651584},
                                         {61, 2353004544, 35651584},
                                         {62, 4706009088, 35651584}}};

unsigned level_of(const KeyFrame& frame, double frames_per_second) {
  const double picture = double{1} * frame.width * frame.height;
  for (const Level& level : kLevels)
    if (picture <= level.picture && picture * frames_per_second <= level.luma_rate) return level.number;
  return kLevels.back().number;
}

class Vp9 : public Bitstream {
 public:
  Entry classify(std::span<const std::byte> sample) override {
    const auto frame = read_key_frame(sample);
    if (!frame) return Entry::none;
    if (!first_) first_ = frame;
    // The size may change within the stream (reference scaling); what the configuration says may not.
    if (frame->profile != first_->profile || frame->bit_depth != first_->bit_depth ||
        frame->chroma != first_->chroma)
      changed_ = true;
    return Entry::sync;
  }

  /// vpcC (VP Codec ISO Media File Format Binding, version 1.0) and its codec string.
  void complete(TrackInfo& info, double frames_per_second) const override {
    if (!first_) return;
    const unsigned level = level_of(*first_, frames_per_second);
    const unsigned primaries = info.colour.primaries, transfer = info.colour.transfer;
    const unsigned matrix = info.colour.matrix, full_range = info.colour.full_range ? 1 : 0;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "vp09.%02u.%02u.%02u", first_->profile, level, first_->bit_depth);
    info.codec_string = text.data();
    if (first_->chroma != k420 || !is_assumed(info.colour)) {  // the rest is there all or none
      std::snprintf(text.data(), text.size(), ".%02u.%02u.%02u.%02u.%02u", first_->chroma, primaries,
                    transfer, matrix, full_range);
      info.codec_string += text.data();
    }
    const unsigned packed = first_->bit_depth << 4 | first_->chroma << 1 | full_range;
    info.config = std::string("\1\0\0\0", 4);
    for (const unsigned byte : {first_->profile, level, packed, primaries, transfer, matrix, 0U, 0U})
      info.config += static_cast<char>(byte);
  }

  [[nodiscard]] bool parameters_change() const override { return changed_; }

 private:
  std::optional<KeyFrame> first_;
  bool changed_ = false;
};

}  // namespace

std::unique_ptr<Bitstream> make_vp9() {
  return std::make_unique<Vp9>();
}

}  // namespace carrel::streamer
