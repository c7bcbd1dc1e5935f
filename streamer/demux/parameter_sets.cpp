#include "streamer/demux/parameter_sets.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include "streamer/demux/bits.hpp"

namespace carrel::streamer {
namespace {

constexpr unsigned kAvcSps = 7, kAvcPps = 8;
constexpr unsigned kHevcVps = 32, kHevcSps = 33, kHevcPps = 34;
constexpr std::size_t kMostSets = 512;
constexpr std::uint32_t kMostPixels = 16384;

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// ITU-T H.264 table E-1, the same in H.265.
void read_aspect(BitReader& bits, SequenceInfo& info) {
  constexpr std::array<std::pair<unsigned, unsigned>, 17> known{{{0, 0},
                                                                 {1, 1},
                                                                 {12, 11},
                                                                 {10, 11},
                                                                 {16, 11},
                                                                 {40, 33},
                                                                 {24, 11},
                                                                 {20, 11},
                                                                 {32, 11},
                                                                 {80, 33},
                                                                 {18, 11},
                                                                 {15, 11},
                                                                 {64, 33},
                                                                 {160, 99},
                                                                 {4, 3},
                                                                 {3, 2},
                                                                 {2, 1}}};
  constexpr unsigned extended = 255;
  const unsigned code = bits.bits(8);
  if (code < known.size()) {
    info.aspect_width = known[code].first;
    info.aspect_height = known[code].second;
  } else if (code == extended) {
    info.aspect_width = bits.bits(16);
    info.aspect_height = bits.bits(16);
  }
}

/// The beginning of video usability information, which both standards have in common.
void read_usability(BitReader& bits, SequenceInfo& info) {
  if (bits.flag()) read_aspect(bits, info);
  if (bits.flag()) bits.skip(1);  // overscan
  if (!bits.flag()) return;       // video signal type
  bits.skip(3);
  const bool full_range = bits.flag();
  if (!bits.flag()) return;
  Colour colour;
  colour.present = true;
  colour.full_range = full_range;
  colour.primaries = static_cast<std::uint16_t>(bits.bits(8));
  colour.transfer = static_cast<std::uint16_t>(bits.bits(8));
  colour.matrix = static_cast<std::uint16_t>(bits.bits(8));
  if (!bits.overrun()) info.colour = colour;
}

void skip_scaling_list(BitReader& bits, int size) {
  std::int32_t last = 8, next = 8;
  for (int i = 0; i < size && !bits.overrun(); ++i) {
    if (next != 0) next = (last + bits.se() + 256) % 256;
    last = next == 0 ? last : next;
  }
}

bool plausible(const BitReader& bits, const SequenceInfo& info) {
  return !bits.overrun() && info.width > 0 && info.height > 0 && info.width <= kMostPixels &&
         info.height <= kMostPixels && info.chroma <= 3 && info.luma_bits <= 16 && info.chroma_bits <= 16;
}

/// `whole` less what is cropped off both ends.
std::uint32_t cropped(std::uint64_t whole, std::uint64_t first, std::uint64_t last, std::uint64_t unit) {
  const std::uint64_t off = (first + last) * unit;
  return off < whole ? static_cast<std::uint32_t>(std::min<std::uint64_t>(whole - off, kMostPixels + 1)) : 0;
}

bool has_chroma_format(unsigned profile) {
  constexpr std::array<unsigned, 13> high{100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::ranges::find(high, profile) != high.end();
}

// H.265 section 7.3.3, with `sub_layers` of them.
void skip_profile_and_levels(BitReader& bits, unsigned sub_layers) {
  bits.skip(96);
  std::array<bool, 8> profile{}, level{};
  for (unsigned i = 0; i < sub_layers; ++i) {
    profile[i] = bits.flag();
    level[i] = bits.flag();
  }
  if (sub_layers > 0) bits.skip(2 * (8 - sub_layers));
  for (unsigned i = 0; i < sub_layers; ++i) bits.skip((profile[i] ? 88 : 0) + (level[i] ? 8 : 0));
}

void skip_hevc_scaling_lists(BitReader& bits) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6 && !bits.overrun(); matrix += size == 3 ? 3 : 1) {
      if (!bits.flag()) {
        static_cast<void>(bits.ue());
        continue;
      }
      if (size > 1) static_cast<void>(bits.se());
      const unsigned count = std::min(64U, 1U << (4 + (size << 1)));
      for (unsigned i = 0; i < count && !bits.overrun(); ++i) static_cast<void>(bits.se());
    }
  }
}

/// H.265 section 7.3.7. False: damaged.
bool skip_reference_sets(BitReader& bits) {
  constexpr std::uint32_t most_sets = 64, most_pictures = 16;
  const std::uint32_t count = bits.ue();
  if (count > most_sets) return false;
  std::uint32_t pictures = 0;  // of the set before
  for (std::uint32_t set = 0; set < count; ++set) {
    if (set > 0 && bits.flag()) {
      bits.skip(1);
      static_cast<void>(bits.ue());
      std::uint32_t kept = 0;
      for (std::uint32_t i = 0; i <= pictures; ++i) {
        const bool used = bits.flag();
        if (used || bits.flag()) ++kept;
      }
      pictures = kept;
    } else {
      const std::uint32_t negative = bits.ue();
      const std::uint32_t positive = bits.ue();
      if (negative > most_pictures || positive > most_pictures) return false;
      for (std::uint32_t i = 0; i < negative + positive; ++i) {
        static_cast<void>(bits.ue());
        bits.skip(1);
      }
      pictures = negative + positive;
    }
    if (bits.overrun() || pictures > 2 * most_pictures) return false;
  }
  return true;
}

/// From behind the coding tools up to the usability information.
void read_hevc_usability(BitReader& bits, SequenceInfo& info, unsigned order_bits) {
  constexpr std::uint32_t most_long_term = 33;
  if (!skip_reference_sets(bits)) return;
  if (bits.flag()) {  // long-term pictures
    const std::uint32_t count = bits.ue();
    if (count > most_long_term) return;
    bits.skip(count * (order_bits + 1));
  }
  bits.skip(2);
  if (bits.flag()) read_usability(bits, info);
}

}  // namespace

std::optional<SequenceInfo> read_h264_sequence(Bytes nal) {
  const std::string raw = raw_payload(nal);
  BitReader bits(bytes_of(raw));
  SequenceInfo info;
  bits.skip(8);
  const unsigned profile = bits.bits(8);
  bits.skip(16);
  info.id = bits.ue();
  if (has_chroma_format(profile)) {
    info.chroma = bits.ue();
    if (info.chroma == 3) info.separate_planes = bits.flag();
    info.luma_bits = bits.ue() + 8;
    info.chroma_bits = bits.ue() + 8;
    bits.skip(1);
    if (bits.flag())
      for (int i = 0; i < (info.chroma == 3 ? 12 : 8) && !bits.overrun(); ++i)
        if (bits.flag()) skip_scaling_list(bits, i < 6 ? 16 : 64);
  }
  info.frame_number_bits = bits.ue() + 4;
  const unsigned order = bits.ue();
  if (order == 0) {
    static_cast<void>(bits.ue());
  } else if (order == 1) {
    bits.skip(1);
    static_cast<void>(bits.se());
    static_cast<void>(bits.se());
    const std::uint32_t cycle = bits.ue();
    if (cycle > 255) return std::nullopt;
    for (std::uint32_t i = 0; i < cycle; ++i) static_cast<void>(bits.se());
  }
  static_cast<void>(bits.ue());
  bits.skip(1);
  const std::uint64_t columns = std::uint64_t{bits.ue()} + 1;
  const std::uint64_t rows = std::uint64_t{bits.ue()} + 1;
  info.frames_only = bits.flag();
  if (!info.frames_only) bits.skip(1);
  bits.skip(1);
  const std::uint64_t height = rows * 16 * (info.frames_only ? 1 : 2);
  info.width = cropped(columns * 16, 0, 0, 1);
  info.height = cropped(height, 0, 0, 1);
  if (bits.flag()) {
    const std::uint64_t left = bits.ue(), right = bits.ue(), top = bits.ue(), bottom = bits.ue();
    const std::uint64_t across = info.chroma == 1 || info.chroma == 2 ? 2 : 1;
    const std::uint64_t down = (info.chroma == 1 ? 2 : 1) * (info.frames_only ? 1 : 2);
    info.width = cropped(columns * 16, left, right, across);
    info.height = cropped(height, top, bottom, down);
  }
  if (!plausible(bits, info) || info.frame_number_bits > 16) return std::nullopt;
  if (bits.flag()) read_usability(bits, info);
  return info;
}

std::optional<SequenceInfo> read_hevc_sequence(Bytes nal) {
  const std::string raw = raw_payload(nal);
  BitReader bits(bytes_of(raw));
  SequenceInfo info;
  bits.skip(16 + 4);
  const unsigned sub_layers = bits.bits(3);
  if (sub_layers > 6) return std::nullopt;
  bits.skip(1);
  skip_profile_and_levels(bits, sub_layers);
  info.id = bits.ue();
  info.chroma = bits.ue();
  if (info.chroma == 3) info.separate_planes = bits.flag();
  const std::uint64_t width = bits.ue(), height = bits.ue();
  info.width = cropped(width, 0, 0, 1);
  info.height = cropped(height, 0, 0, 1);
  if (bits.flag()) {
    const std::uint64_t left = bits.ue(), right = bits.ue(), top = bits.ue(), bottom = bits.ue();
    info.width = cropped(width, left, right, info.chroma == 1 || info.chroma == 2 ? 2 : 1);
    info.height = cropped(height, top, bottom, info.chroma == 1 ? 2 : 1);
  }
  info.luma_bits = bits.ue() + 8;
  info.chroma_bits = bits.ue() + 8;
  if (!plausible(bits, info)) return std::nullopt;
  const unsigned order_bits = bits.ue() + 4;
  const unsigned first = bits.flag() ? 0 : sub_layers;
  for (unsigned i = first; i <= sub_layers; ++i)
    for (int number = 0; number < 3; ++number) static_cast<void>(bits.ue());
  for (int number = 0; number < 6; ++number) static_cast<void>(bits.ue());
  if (bits.flag() && bits.flag()) skip_hevc_scaling_lists(bits);
  bits.skip(2);
  if (bits.flag()) {  // PCM
    bits.skip(8);
    static_cast<void>(bits.ue());
    static_cast<void>(bits.ue());
    bits.skip(1);
  }
  if (order_bits <= 16) read_hevc_usability(bits, info, order_bits);
  return info;
}

unsigned InBandSets::type_of(Bytes nal) const {
  if (nal.empty()) return 0;
  const auto head = std::to_integer<unsigned>(nal.front());
  return hevc_ ? head >> 1 & 0x3f : head & 0x1f;
}

bool InBandSets::is_set(Bytes nal) const {
  const unsigned type = type_of(nal);
  return hevc_ ? type >= kHevcVps && type <= kHevcPps : type == kAvcSps || type == kAvcPps;
}

void InBandSets::meet(Bytes nal) {
  constexpr std::size_t longest = 4096;
  const unsigned type = type_of(nal);
  if (nal.size() > longest || nal.size() < 4) return;
  std::uint32_t id = 0;
  if (type == (hevc_ ? kHevcSps : kAvcSps)) {
    const auto sequence = hevc_ ? read_hevc_sequence(nal) : read_h264_sequence(nal);
    if (!sequence) return;
    id = sequence->id;
    if (!first_) first_ = sequence;
    const auto kind = [](const SequenceInfo& of) {
      return std::tie(of.width, of.height, of.luma_bits, of.chroma_bits, of.chroma);
    };
    other_pictures_ = other_pictures_ || kind(*sequence) != kind(*first_);
  } else {
    const std::string raw = raw_payload(nal.first(std::min<std::size_t>(nal.size(), 16)));
    BitReader bits(bytes_of(raw));
    bits.skip(hevc_ ? 16 : 8);
    id = type == kHevcVps && hevc_ ? bits.bits(4) : bits.ue();
  }
  std::string text(reinterpret_cast<const char*>(nal.data()), nal.size());
  if (sets_.size() >= kMostSets && !sets_.contains({type, id})) {
    changed_ = true;
    return;
  }
  const auto [found, added] = sets_.try_emplace({type, id}, std::move(text));
  if (!added && !std::ranges::equal(bytes_of(found->second), nal)) changed_ = true;
}

std::optional<SequenceInfo> InBandSets::sequence() const {
  const auto found = sets_.lower_bound({hevc_ ? kHevcSps : kAvcSps, 0});
  if (found == sets_.end() || found->first.first != (hevc_ ? kHevcSps : kAvcSps)) return std::nullopt;
  return hevc_ ? read_hevc_sequence(bytes_of(found->second)) : read_h264_sequence(bytes_of(found->second));
}

std::string InBandSets::configuration() const {
  return hevc_ ? hvcc() : avcc();
}

/// ISO/IEC 14496-15 section 5.3.3.1.
std::string InBandSets::avcc() const {
  std::string sequences, pictures;
  std::size_t sequence_count = 0, picture_count = 0;
  const std::string* first = nullptr;
  for (const auto& [key, nal] : sets_) {
    const bool sps = key.first == kAvcSps;
    std::string& to = sps ? sequences : pictures;
    ++(sps ? sequence_count : picture_count);
    to += static_cast<char>(nal.size() >> 8);
    to += static_cast<char>(nal.size() & 0xff);
    to += nal;
    if (sps && first == nullptr) first = &nal;
  }
  const auto info = sequence();
  if (!info || picture_count == 0 || sequence_count > 31 || picture_count > 255) return {};
  std::string record(1, '\1');
  record += first->substr(1, 3);
  record += '\xff';
  record += static_cast<char>(0xe0 | sequence_count);
  record += sequences;
  record += static_cast<char>(picture_count);
  record += pictures;
  const auto profile = static_cast<unsigned char>((*first)[1]);
  if (profile == 100 || profile == 110 || profile == 122 || profile == 144 || profile == 244) {
    record += static_cast<char>(0xfc | info->chroma);
    record += static_cast<char>(0xf8 | ((info->luma_bits - 8) & 7));
    record += static_cast<char>(0xf8 | ((info->chroma_bits - 8) & 7));
    record += '\0';
  }
  return record;
}

/// ISO/IEC 14496-15 section 8.3.3.1.
std::string InBandSets::hvcc() const {
  constexpr std::size_t general = 12, at = 3;  // profile, tier and level within the raw SPS
  const auto info = sequence();
  const auto sps = sets_.lower_bound({kHevcSps, 0});
  if (!info || sps == sets_.end()) return {};
  const std::string raw = raw_payload(bytes_of(sps->second));
  if (raw.size() < at + general) return {};
  const auto head = static_cast<unsigned char>(raw[2]);
  const unsigned layers = (head >> 1 & 7U) + 1, nested = head & 1U;
  std::string record(1, '\1');
  record += raw.substr(at, general);
  record += std::string("\xf0\0\xfc", 3);
  record += static_cast<char>(0xfc | info->chroma);
  record += static_cast<char>(0xf8 | ((info->luma_bits - 8) & 7));
  record += static_cast<char>(0xf8 | ((info->chroma_bits - 8) & 7));
  record += std::string(2, '\0');
  record += static_cast<char>(layers << 3 | nested << 2 | 3);
  record += '\3';
  for (const unsigned type : {kHevcVps, kHevcSps, kHevcPps}) {
    std::string nals;
    unsigned count = 0;
    for (const auto& [key, nal] : sets_) {
      if (key.first != type) continue;
      nals += static_cast<char>(nal.size() >> 8);
      nals += static_cast<char>(nal.size() & 0xff);
      nals += nal;
      ++count;
    }
    if (count == 0) return {};
    record += static_cast<char>(0x80 | type);
    record += static_cast<char>(count >> 8);
    record += static_cast<char>(count & 0xff);
    record += nals;
  }
  return record;
}

}  // namespace carrel::streamer
