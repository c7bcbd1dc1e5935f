#include <array>
#include <cstdio>
#include <optional>

#include "streamer/demux/bitstream.hpp"

namespace carrel::streamer {
namespace {

using Bytes = std::span<const std::byte>;

/// RFC 6386 section 9.1: the frame tag, and a start code in key frames. Empty: not a key frame.
std::optional<unsigned> profile_of_key_frame(Bytes sample) {
  if (sample.size() < 10) return std::nullopt;
  const auto at = [sample](std::size_t i) { return std::to_integer<unsigned>(sample[i]); };
  const bool inter_frame = (at(0) & 1) != 0;
  if (inter_frame || at(3) != 0x9d || at(4) != 0x01 || at(5) != 0x2a) return std::nullopt;
  return at(0) >> 1 & 7;
}

class Vp8 : public Bitstream {
 public:
  Entry classify(Bytes sample) override {
    const auto profile = profile_of_key_frame(sample);
    if (!profile) return Entry::none;
    if (!profile_) profile_ = profile;
    return Entry::sync;
  }

  /// vpcC as VP9 has it (VP Codec ISO Media File Format Binding, version 1.0); VP8 knows no levels.
  void complete(TrackInfo& info, double /*frames_per_second*/) const override {
    constexpr unsigned level = 10, eight_bits_420 = 8U << 4 | 1U << 1;
    const unsigned profile = profile_.value_or(0);
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "vp08.%02u.%02u.08", profile, level);
    info.codec_string = text.data();
    info.config = std::string("\1\0\0\0", 4);
    for (const unsigned byte : {profile, level, eight_bits_420 | (info.colour.full_range ? 1U : 0U),
                                unsigned{info.colour.primaries}, unsigned{info.colour.transfer},
                                unsigned{info.colour.matrix}, 0U, 0U})
      info.config += static_cast<char>(byte);
  }

 private:
  std::optional<unsigned> profile_;
};

}  // namespace

std::unique_ptr<Bitstream> make_vp8() {
  return std::make_unique<Vp8>();
}

}  // namespace carrel::streamer
