#include <array>

#include "streamer/demux/bits.hpp"
#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

// ISO/IEC 13818-2 table 6-1, and ISO/IEC 11172-2
constexpr unsigned kPicture = 0x00, kSequence = 0xb3, kGroup = 0xb8;
constexpr unsigned kIntra = 1, kBidirectional = 3;

class Mpeg2 : public Bitstream {
 public:
  /// An intra picture with a sequence header before it. In an open group pictures follow that are shown
  /// before it and refer to the group before.
  Entry classify(Bytes sample) override {
    bool sequence = false;
    AnnexBReader units(sample);
    while (const auto unit = units.next()) {
      const auto code = std::to_integer<unsigned>(unit->front());
      if (code == kSequence) {
        sequence = true;
        if (width_ == 0) read_sequence(unit->subspan(1));
      }
      if (code == kGroup) {
        BitReader bits(unit->subspan(1));
        bits.skip(25);
        closed_ = bits.flag();
      }
      if (code == kPicture) return entry_of(unit->subspan(1), sequence);
    }
    return Entry::none;
  }

  [[nodiscard]] Shown shown() const override {
    return between_ ? Shown::at_once : Shown::before_next_reference;
  }

  void complete(TrackInfo& info, double /*frames_per_second*/) const override {
    if (info.width != 0 && info.height != 0) return;
    info.width = width_;
    info.height = height_;
    constexpr unsigned four_to_three = 2, sixteen_to_nine = 3;
    const unsigned across = aspect_ == four_to_three ? 4 : aspect_ == sixteen_to_nine ? 16 : 0;
    const unsigned down = aspect_ == four_to_three ? 3 : 9;
    if (across == 0 || width_ == 0) return;
    info.aspect_width = across * height_;
    info.aspect_height = down * width_;
  }

 private:
  Entry entry_of(Bytes picture, bool sequence) {
    BitReader bits(picture);
    bits.skip(10);
    const unsigned type = bits.bits(3);
    between_ = type == kBidirectional;
    if (type == kIntra) {
      after_intra_ = true;
      if (!sequence) return Entry::open;
      return closed_ ? Entry::sync : Entry::doubtful;
    }
    if (type == kBidirectional) return after_intra_ && !closed_ ? Entry::leading : Entry::none;
    after_intra_ = false;
    closed_ = false;
    return Entry::none;
  }

  void read_sequence(Bytes header) {
    BitReader bits(header);
    width_ = bits.bits(12);
    height_ = bits.bits(12);
    aspect_ = bits.bits(4);
  }

  unsigned width_ = 0, height_ = 0, aspect_ = 0;
  bool closed_ = false;
  bool after_intra_ = false;
  bool between_ = false;
};

}  // namespace

std::unique_ptr<Bitstream> make_mpeg2() {
  return std::make_unique<Mpeg2>();
}

}  // namespace carrel::streamer
