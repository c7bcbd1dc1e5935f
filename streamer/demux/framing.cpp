#include "streamer/demux/framing.hpp"

#include "streamer/demux/bits.hpp"
#include "streamer/demux/parameter_sets.hpp"

namespace carrel::streamer {
namespace {

class AnnexB : public Framing {
 public:
  AnnexB(Codec codec, const std::string& extradata) : hevc_(codec == Codec::hevc), sets_(codec) {
    AnnexBReader nals(std::as_bytes(std::span(extradata)));
    while (const auto nal = nals.next())
      if (sets_.is_set(*nal)) sets_.meet(*nal);
  }

  std::optional<Framed> frame(Bytes packet) override {
    Framed framed;
    AnnexBReader nals(packet);
    while (const auto nal = nals.next()) {
      if (is_dispensable(*nal)) continue;
      const bool set = sets_.is_set(*nal);
      if (set) sets_.meet(*nal);
      auto& to = set ? framed.sets : framed.parts;
      to.push_back({length_of(*nal), 0, 0});
      to.push_back({{}, static_cast<std::size_t>(nal->data() - packet.data()), nal->size()});
    }
    if (framed.parts.empty()) return std::nullopt;
    return framed;
  }

  [[nodiscard]] std::string configuration() const override { return sets_.configuration(); }
  [[nodiscard]] bool changed() const override { return sets_.changed(); }
  [[nodiscard]] bool other_pictures() const override { return sets_.other_pictures(); }

 private:
  /// Access unit delimiters, ends of sequence and stream, filler: MP4 says these things otherwise, or not.
  [[nodiscard]] bool is_dispensable(Bytes nal) const {
    const auto head = std::to_integer<unsigned>(nal.front());
    const unsigned type = hevc_ ? head >> 1 & 0x3f : head & 0x1f;
    return hevc_ ? type >= 35 && type <= 38 : type >= 9 && type <= 12;
  }

  static std::string length_of(Bytes nal) {
    std::string length;
    for (const int shift : {24, 16, 8, 0}) length += static_cast<char>(nal.size() >> shift & 0xff);
    return length;
  }

  bool hevc_;
  InBandSets sets_;
};

/// ISO/IEC 13818-7 section 6.2.
struct AdtsHeader {
  unsigned profile = 0, rate_index = 0, channels = 0, blocks = 0;
  std::size_t header_bytes = 7, frame_bytes = 0;
};

std::optional<AdtsHeader> read_adts(Bytes packet) {
  BitReader bits(packet);
  AdtsHeader header;
  if (bits.bits(12) != 0xfff) return std::nullopt;
  bits.skip(1);
  if (bits.bits(2) != 0) return std::nullopt;
  if (!bits.flag()) header.header_bytes = 9;
  header.profile = bits.bits(2);
  header.rate_index = bits.bits(4);
  bits.skip(1);
  header.channels = bits.bits(3);
  bits.skip(4);
  header.frame_bytes = bits.bits(13);
  bits.skip(11);
  header.blocks = bits.bits(2) + 1;
  const bool holds = !bits.overrun() && header.rate_index <= 12 && header.frame_bytes > header.header_bytes &&
                     header.frame_bytes <= packet.size();
  return holds ? std::optional(header) : std::nullopt;
}

class Adts : public Framing {
 public:
  std::optional<Framed> frame(Bytes packet) override {
    const auto header = read_adts(packet);
    // Several blocks in a frame would have to be taken apart by a decoder, and channels of number 0 are
    // described in the first of them.
    if (!header || header->blocks != 1 || header->channels == 0) return std::nullopt;
    const std::string specific = specific_config(*header);
    if (config_.empty()) config_ = specific;
    if (config_ != specific) changed_ = true;
    Framed framed;
    framed.parts.push_back({{}, header->header_bytes, header->frame_bytes - header->header_bytes});
    return framed;
  }

  [[nodiscard]] std::string configuration() const override { return config_; }
  [[nodiscard]] bool changed() const override { return changed_; }

 private:
  /// AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1).
  static std::string specific_config(const AdtsHeader& header) {
    const unsigned bits = (header.profile + 1) << 11 | header.rate_index << 7 | header.channels << 3;
    return {static_cast<char>(bits >> 8), static_cast<char>(bits & 0xff)};
  }

  std::string config_;
  bool changed_ = false;
};

}  // namespace

std::unique_ptr<Framing> make_framing(FramingKind kind, Codec codec, const std::string& extradata) {
  switch (kind) {
    case FramingKind::annex_b: return std::make_unique<AnnexB>(codec, extradata);
    case FramingKind::adts: return std::make_unique<Adts>();
    case FramingKind::as_is: break;
  }
  return nullptr;
}

std::string bytes_of(const std::vector<Part>& parts, Bytes packet) {
  std::string bytes;
  bytes.reserve(packet.size() + parts.size() * sizeof(std::uint32_t));
  for (const Part& part : parts) {
    if (part.literal.empty()) {
      bytes.append(reinterpret_cast<const char*>(packet.data()) + part.from, part.size);
    } else {
      bytes += part.literal;
    }
  }
  return bytes;
}

}  // namespace carrel::streamer
