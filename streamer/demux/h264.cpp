#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "streamer/demux/bits.hpp"
#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/configured_sets.hpp"
#include "streamer/demux/light.hpp"
#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

// ITU-T H.264 table 7-1
constexpr unsigned kIdr = 5, kSei = 6, kSps = 7, kPps = 8;
constexpr unsigned kRecoveryPoint = 6;  // annex D.1.8

/// Whether an SEI NAL unit has a recovery point among its messages.
bool has_recovery_point(Bytes nal) {
  std::size_t at = 1;
  const auto number = [&] {
    unsigned value = 0;
    while (at < nal.size() && nal[at] == std::byte{0xff}) {
      value += 255;
      ++at;
    }
    if (at < nal.size()) value += std::to_integer<unsigned>(nal[at++]);
    return value;
  };
  while (at + 2 < nal.size()) {
    const unsigned type = number();
    const unsigned size = number();
    if (type == kRecoveryPoint) return true;
    at += size;
  }
  return false;
}

unsigned type_of(Bytes nal) {
  return nal.empty() ? 0 : std::to_integer<unsigned>(nal.front()) & 0x1f;
}

bool is_slice(Bytes nal) {
  return type_of(nal) >= 1 && type_of(nal) <= kIdr;
}

/// What follows the first start code (annex B) inside a NAL unit, where none should be; empty: there is none.
Bytes after_start_code(Bytes nal) {
  constexpr std::array code{std::byte{0}, std::byte{0}, std::byte{1}};
  const auto found = std::search(nal.begin(), nal.end(), code.begin(), code.end());
  return found == nal.end() ? Bytes() : Bytes(found + code.size(), nal.end());
}

/// One field of a picture, as the head of its first slice tells (section 7.3.3).
struct Field {
  std::uint32_t frame_number = 0;
  bool bottom = false;
};

/// Empty: the slice is of a whole frame.
std::optional<Field> field_of(Bytes slice, const SequenceInfo& sequence) {
  constexpr std::size_t enough = 32;
  const std::string raw = raw_payload(slice.first(std::min(slice.size(), enough)));
  BitReader bits(std::as_bytes(std::span(raw)));
  bits.skip(8);
  static_cast<void>(bits.ue());  // first macroblock
  static_cast<void>(bits.ue());  // type
  static_cast<void>(bits.ue());  // picture parameter set
  if (sequence.separate_planes) bits.skip(2);
  Field field;
  field.frame_number = bits.bits(static_cast<int>(sequence.frame_number_bits));
  const bool is_field = bits.flag();
  field.bottom = bits.flag();
  return is_field && !bits.overrun() ? std::optional(field) : std::nullopt;
}

class H264 : public Bitstream {
 public:
  H264(std::size_t length_bytes, ParameterSets sets, std::optional<SequenceInfo> sequence)
      : length_bytes_(length_bytes), sets_(std::move(sets)), sequence_(sequence) {}

  Entry classify(Bytes sample) override {
    Entry entry = Entry::none;
    slice_ = {};
    NalReader nals(sample, length_bytes_);
    while (const auto nal = nals.next()) {
      // Some phones pack a whole access unit, start codes and all, into one NAL unit. Decoders cope, so do
      // we.
      for (Bytes unit = *nal; !unit.empty(); unit = is_slice(unit) ? Bytes() : after_start_code(unit))
        inspect(unit, entry);
    }
    sets_.first_sample_ended();
    pair_fields();
    return entry;
  }

  [[nodiscard]] bool is_second_field() const override { return second_; }

  void complete(TrackInfo& info, double /*frames_per_second*/) const override { light_.complete(info); }

  [[nodiscard]] bool parameters_change() const override { return sets_.changed(); }

 private:
  void pair_fields() {
    second_ = false;
    if (!sequence_ || sequence_->frames_only || slice_.empty()) return;
    const auto field = field_of(slice_, *sequence_);
    second_ =
        field && first_ && field->frame_number == first_->frame_number && field->bottom != first_->bottom;
    first_ = second_ ? std::nullopt : field;
  }

  void inspect(Bytes nal, Entry& entry) {
    const unsigned type = type_of(nal);
    if (is_slice(nal) && slice_.empty()) slice_ = nal;
    if (type == kIdr) entry = Entry::sync;
    if (type == kSei && entry == Entry::none && has_recovery_point(nal)) entry = Entry::open;
    if (type == kSei) light_.meet_sei(nal, 1);
    if (type == kSps || type == kPps) sets_.meet(nal);
  }

  std::size_t length_bytes_;
  ParameterSets sets_;
  std::optional<SequenceInfo> sequence_;
  Light light_;
  Bytes slice_;  ///< the first of the sample
  std::optional<Field> first_;
  bool second_ = false;
};

}  // namespace

std::unique_ptr<Bitstream> make_h264(const std::string& config) {
  const auto found = configured_sets(Codec::h264, config);
  if (!found) return nullptr;
  ParameterSets sets;
  for (const Bytes nal : found->units) sets.add(nal);
  return std::make_unique<H264>(found->length_bytes, std::move(sets), sequence_of(Codec::h264, config));
}

}  // namespace carrel::streamer
