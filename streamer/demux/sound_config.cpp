#include "streamer/demux/sound_config.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bit_writer.hpp"
#include "streamer/demux/bits.hpp"

namespace carrel::streamer {
namespace {

using Bytes = std::span<const std::byte>;

constexpr unsigned kAc3Sync = 0x0b77;
constexpr std::array<unsigned, 3> kAc3Rates{48000, 44100, 32000};

Error refused(std::string why) {
  return make_error(ErrorKind::invalid, std::move(why));
}

/// ETSI TS 102 366 section 4.4.1 (bit stream information of AC-3) and F.4: AC3SpecificBox.
Result<void> configure_ac3(TrackInfo& track, Bytes sample) {
  BitReader bits(sample);
  if (bits.bits(16) != kAc3Sync) return refused("its AC-3 frames are damaged");
  static_cast<void>(bits.bits(16));  // CRC
  const unsigned rate_code = bits.bits(2);
  const unsigned size_code = bits.bits(6);
  const unsigned stream = bits.bits(5);
  const unsigned mode = bits.bits(3);
  const unsigned layout = bits.bits(3);
  if (layout == 2) {
    static_cast<void>(bits.bits(2));  // Dolby Surround
  } else {
    if ((layout & 1) != 0 && layout != 1) static_cast<void>(bits.bits(2));  // centre mix level
    if ((layout & 4) != 0) static_cast<void>(bits.bits(2));                 // surround mix level
  }
  const unsigned subwoofer = bits.bits(1);
  if (bits.overrun() || rate_code == 3 || size_code > 37 || stream > 8)
    return refused("its AC-3 frames are damaged");
  BitWriter box;
  box.put(rate_code, 2).put(stream, 5).put(mode, 3).put(layout, 3).put(subwoofer, 1);
  box.put(size_code >> 1, 5).put(0, 5);
  track.config = box.take();
  track.codec_string = "ac-3";
  return {};
}

struct Substream {
  unsigned type = 0, number = 0, bytes = 0, rate_code = 0, blocks_code = 3, layout = 0, subwoofer = 0,
           stream = 0;
};

/// ETSI TS 102 366 section E.1.2.2, the head of a frame.
std::optional<Substream> read_substream(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(16) != kAc3Sync) return std::nullopt;
  Substream found;
  found.type = bits.bits(2);
  found.number = bits.bits(3);
  found.bytes = (bits.bits(11) + 1) * 2;
  found.rate_code = bits.bits(2);
  if (found.rate_code == 3) {
    static_cast<void>(bits.bits(2));
  } else {
    found.blocks_code = bits.bits(2);
  }
  found.layout = bits.bits(3);
  found.subwoofer = bits.bits(1);
  found.stream = bits.bits(5);
  if (bits.overrun() || found.bytes > frame.size() || found.stream < 11) return std::nullopt;
  return found;
}

/// F.6: EC3SpecificBox. A sample must be one access unit of six blocks.
Result<void> configure_eac3(TrackInfo& track, Bytes sample) {
  constexpr std::size_t most = 8;
  std::array<Substream, most> independent;
  std::array<unsigned, most> dependent{};
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  while (!sample.empty()) {
    const auto found = read_substream(sample);
    if (!found || found->rate_code == 3 || found->blocks_code != 3)
      return refused("its E-AC-3 frames are not of the kind that MP4 holds");
    if (found->type == 1) {
      if (count == 0) return refused("its E-AC-3 frames are damaged");
      ++dependent[count - 1];
    } else {
      if (count == most || found->number != count) return refused("several E-AC-3 frames lie in one sample");
      independent[count++] = *found;
    }
    bytes += found->bytes;
    sample = sample.subspan(found->bytes);
  }
  if (count == 0) return refused("its E-AC-3 frames are damaged");
  const std::uint64_t kilobits = bytes * 8 * kAc3Rates[independent[0].rate_code] / 1536 / 1000;
  BitWriter box;
  box.put(std::min<std::uint64_t>(kilobits, 0x1fff), 13).put(count - 1, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const Substream& one = independent[i];
    box.put(one.rate_code, 2).put(one.stream, 5).put(0, 1 + 1 + 3).put(one.layout, 3).put(one.subwoofer, 1);
    box.put(0, 3).put(std::min(dependent[i], 15U), 4);
    // Which loudspeakers a dependent substream adds stands deep in its frame: those behind is what films
    // have.
    if (dependent[i] > 0) {
      box.put(0x2, 9);
    } else {
      box.put(0, 1);
    }
  }
  track.config = box.take();
  track.codec_string = "ec-3";
  return {};
}

/// ETSI TS 102 114 table 7-10: a mask of loudspeakers.
unsigned speakers(unsigned channels, unsigned arrangement, unsigned subwoofer) {
  constexpr unsigned centre = 1, front = 2, side = 4, bass = 8, back_centre = 0x10, rear = 0x40;
  constexpr std::array<unsigned, 10> of_core{centre,
                                             front,
                                             front,
                                             front,
                                             front,
                                             centre | front,
                                             front | back_centre,
                                             centre | front | back_centre,
                                             front | side,
                                             centre | front | side};
  if (channels == 8) return centre | front | side | bass | rear;
  if (channels == 7) return centre | front | side | bass | back_centre;
  if (channels == 6) return centre | front | side | bass;
  const unsigned core = arrangement < of_core.size() ? of_core[arrangement] : front;
  return core | (subwoofer != 0 ? bass : 0);
}

/// Whether an extension substream (ETSI TS 102 114, ExtSubstreamHeader) begins with DTS Express, by the sync
/// word of its first asset.
bool is_low_bit_rate(Bytes substream) {
  constexpr std::uint32_t low_bit_rate_sync = 0x0a801921;
  BitReader bits(substream);
  static_cast<void>(bits.bits(32));
  static_cast<void>(bits.bits(8 + 2));  // of the user, number
  const int wider = bits.flag() ? 4 : 0;
  const std::size_t header = bits.bits(8 + wider) + 1;
  if (substream.size() < header + 4) return false;
  return BitReader(substream.subspan(header)).bits(32) == low_bit_rate_sync;
}

/// ETSI TS 102 114 section 5.3 (core frame header) and annex E: DTSSpecificBox.
Result<void> configure_dts(TrackInfo& track, Bytes sample) {
  constexpr std::uint32_t core_sync = 0x7ffe8001, extension_sync = 0x64582025;
  constexpr std::array<std::uint32_t, 16> rates{0,     8000, 16000, 32000, 0,     0,     11025, 22050,
                                                44100, 0,    0,     12000, 24000, 48000, 0,     0};
  BitReader bits(sample);
  const std::uint32_t sync = bits.bits(32);
  if (sync != core_sync && sync != extension_sync)
    return refused("its DTS frames are not in the form that MP4 holds");
  unsigned frame_code = 0, core_bytes = 0, arrangement = 0, subwoofer = 0;
  std::uint32_t rate = track.sample_rate;
  bool extended = sync == extension_sync;
  if (sync == core_sync) {
    static_cast<void>(bits.bits(1 + 5 + 1));
    const unsigned blocks = bits.bits(7) + 1;
    core_bytes = bits.bits(14) + 1;
    arrangement = bits.bits(6);
    rate = rates[bits.bits(4)];
    static_cast<void>(bits.bits(5 + 1 + 1 + 1 + 1 + 1 + 3 + 1 + 1));
    subwoofer = bits.bits(2) == 0 ? 0 : 1;
    const unsigned samples = blocks * 32;
    frame_code = samples >= 4096 ? 3 : samples >= 2048 ? 2 : samples >= 1024 ? 1 : 0;
    // The extension begins at a multiple of four bytes.
    const std::size_t next = (core_bytes + 3) / 4 * 4;
    if (sample.size() >= next + 4) {
      BitReader rest(sample.subspan(next));
      extended = rest.bits(32) == extension_sync;
    }
  }
  if (bits.overrun() || rate == 0) return refused("its DTS frames are damaged");
  constexpr std::uint64_t bit_rate = 0;  // it varies
  const unsigned construction = extended ? 0 : 1;
  BitWriter box;
  box.put(std::max(rate, track.sample_rate), 32).put(bit_rate, 32).put(bit_rate, 32);
  box.put(track.bits_per_sample > 16 ? 24 : 16, 8).put(frame_code, 2).put(construction, 5).put(subwoofer, 1);
  box.put(arrangement, 6).put(extended ? core_bytes & 0x3fff : 0, 14).put(0, 1).put(0, 3);
  box.put(speakers(track.channels, arrangement, subwoofer), 16).put(0, 1).put(0, 1).put(0, 1).put(0, 5);
  track.config = box.take();
  const char* without_core = is_low_bit_rate(sample) ? "dtse" : "dtsl";
  track.codec_string = sync == extension_sync ? without_core : extended ? "dtsh" : "dtsc";
  return {};
}

}  // namespace

bool configured_by_frame(Codec codec) {
  return codec == Codec::ac3 || codec == Codec::eac3 || codec == Codec::dts;
}

Result<void> configure_by_frame(TrackInfo& track, std::span<const std::byte> sample) {
  switch (track.codec) {
    case Codec::ac3: return configure_ac3(track, sample);
    case Codec::eac3: return configure_eac3(track, sample);
    case Codec::dts: return configure_dts(track, sample);
    default: return refused("its frames do not tell its configuration");
  }
}

}  // namespace carrel::streamer
