#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

constexpr unsigned kPictureCode = 0xb6;  // ISO/IEC 14496-2 section 6.2.1: vop_start_code
constexpr unsigned kIntra = 0, kBidirectional = 2;

class Mpeg4 : public Bitstream {
 public:
  /// Pictures that follow an intra picture but are shown before it may refer to what came before.
  Entry classify(Bytes sample) override {
    unsigned pictures = 0, type = kBidirectional;
    AnnexBReader units(sample);
    while (const auto unit = units.next()) {
      if (std::to_integer<unsigned>(unit->front()) != kPictureCode || unit->size() < 2) continue;
      if (pictures++ == 0) type = std::to_integer<unsigned>((*unit)[1]) >> 6;
    }
    // DivX packed a picture together with the one shown before it, and left an empty one behind.
    if (pictures > 1) packed_ = true;
    between_ = pictures > 0 && type == kBidirectional;
    if (pictures > 0 && type == kIntra) after_intra_ = true;
    if (pictures > 0 && type == kIntra) return Entry::doubtful;
    if (between_) return after_intra_ ? Entry::leading : Entry::none;
    after_intra_ = false;
    return Entry::none;
  }

  [[nodiscard]] Shown shown() const override {
    return between_ ? Shown::at_once : Shown::before_next_reference;
  }
  [[nodiscard]] bool shown_as_stored() const override { return packed_; }

 private:
  bool packed_ = false;
  bool between_ = false;
  bool after_intra_ = false;
};

}  // namespace

std::unique_ptr<Bitstream> make_mpeg4() {
  return std::make_unique<Mpeg4>();
}

}  // namespace carrel::streamer
