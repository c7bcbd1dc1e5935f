#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "streamer/demux/nal.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// What a sequence parameter set tells of the pictures.
struct SequenceInfo {
  unsigned id = 0;
  unsigned chroma = 1;  ///< chroma_format_idc
  unsigned luma_bits = 8, chroma_bits = 8;
  std::uint32_t width = 0, height = 0;                ///< as shown, cropped
  std::uint32_t aspect_width = 0, aspect_height = 0;  ///< of a pixel; 0: it does not say
  Colour colour;
  // H.264, for the heads of slices:
  bool frames_only = true, separate_planes = false;
  unsigned frame_number_bits = 4;
};

/// ITU-T H.264 section 7.3.2.1 and annex E; ITU-T H.265 section 7.3.2.2. `nal` begins with its header.
[[nodiscard]] std::optional<SequenceInfo> read_h264_sequence(Bytes nal);
[[nodiscard]] std::optional<SequenceInfo> read_hevc_sequence(Bytes nal);

/// The parameter sets of a stream without a configuration record, each under its type and number.
class InBandSets {
 public:
  explicit InBandSets(Codec codec) : hevc_(codec == Codec::hevc) {}

  [[nodiscard]] bool is_set(Bytes nal) const;
  /// Takes a parameter set; notices one that has another content than the one of that number before.
  void meet(Bytes nal);
  [[nodiscard]] bool changed() const { return changed_; }
  /// Of another size than those of the first sequence, or with other bits for their colours.
  [[nodiscard]] bool other_pictures() const { return other_pictures_; }
  /// Payload of avcC or hvcC for samples with lengths of four bytes; empty: a kind of set is missing.
  [[nodiscard]] std::string configuration() const;
  [[nodiscard]] std::optional<SequenceInfo> sequence() const;

 private:
  [[nodiscard]] unsigned type_of(Bytes nal) const;
  [[nodiscard]] std::string avcc() const;
  [[nodiscard]] std::string hvcc() const;

  bool hevc_;
  std::map<std::pair<unsigned, unsigned>, std::string> sets_;
  std::optional<SequenceInfo> first_;
  bool changed_ = false, other_pictures_ = false;
};

}  // namespace carrel::streamer
