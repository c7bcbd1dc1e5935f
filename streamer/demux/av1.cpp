#include "streamer/demux/bits.hpp"
#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/light.hpp"

namespace carrel::streamer {
namespace {

// AV1 bitstream specification section 6.2.2
constexpr unsigned kSequenceHeader = 1, kFrameHeader = 3, kMetadata = 5, kFrame = 6;
constexpr unsigned kKeyFrame = 0;

struct Obu {
  unsigned type = 0;
  Bytes payload;
};

/// Takes the next OBU from `rest`; empty at the end or where the sample is damaged.
std::optional<Obu> next_obu(Bytes& rest) {
  if (rest.empty()) return std::nullopt;
  const unsigned head = std::to_integer<unsigned>(rest[0]);
  const bool extended = (head & 4) != 0;
  const bool has_size = (head & 2) != 0;
  std::size_t at = extended ? 2 : 1;
  if (at > rest.size()) return std::nullopt;
  std::size_t size = rest.size() - at;
  if (has_size) {
    size = 0;
    for (unsigned shift = 0;; shift += 7) {  // leb128, section 4.10.5
      if (at >= rest.size() || shift > 28) return std::nullopt;
      const std::size_t byte = std::to_integer<std::size_t>(rest[at++]);
      size |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    if (size > rest.size() - at) return std::nullopt;
  }
  const Obu obu{head >> 3 & 0xf, rest.subspan(at, size)};
  rest = rest.subspan(at + size);
  return obu;
}

class Av1 : public Bitstream {
 public:
  /// A sync sample has a sequence header, and its first frame is a shown key frame (AV1 in ISOBMFF
  /// section 2.5).
  Entry classify(Bytes sample) override {
    bool sequence = false;
    while (const auto obu = next_obu(sample)) {
      if (obu->type == kSequenceHeader) {
        sequence = true;
        meet(obu->payload);
      }
      if (obu->type == kMetadata) light_.meet_metadata(obu->payload);
      if (obu->type != kFrameHeader && obu->type != kFrame) continue;
      BitReader header(obu->payload);
      const bool key = reduced_header_ || (!header.flag() && header.bits(2) == kKeyFrame && header.flag());
      return sequence && key && !header.overrun() ? Entry::sync : Entry::none;
    }
    return Entry::none;
  }

  void complete(TrackInfo& info, double /*frames_per_second*/) const override { light_.complete(info); }

  [[nodiscard]] bool parameters_change() const override { return changed_; }

 private:
  void meet(Bytes header) {
    const std::string text(reinterpret_cast<const char*>(header.data()), header.size());
    if (sequence_.empty()) {
      sequence_ = text;
      BitReader bits(header);
      static_cast<void>(bits.bits(3 + 1));  // profile, still picture
      reduced_header_ = bits.flag();
    }
    if (sequence_ != text) changed_ = true;
  }

  std::string sequence_;
  Light light_;
  bool reduced_header_ = false;
  bool changed_ = false;
};

}  // namespace

std::unique_ptr<Bitstream> make_av1() {
  return std::make_unique<Av1>();
}

}  // namespace carrel::streamer
