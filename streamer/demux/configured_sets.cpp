#include "streamer/demux/configured_sets.hpp"

namespace carrel::streamer {

std::optional<ConfiguredSets> configured_sets(Codec codec, const std::string& config) {
  const Bytes bytes = std::as_bytes(std::span(config));
  const bool hevc = codec == Codec::hevc;
  if ((!hevc && codec != Codec::h264) || bytes.size() < (hevc ? 23 : 7) || bytes[0] != std::byte{1})
    return std::nullopt;
  ConfiguredSets found;
  found.length_bytes = (std::to_integer<std::size_t>(bytes[hevc ? 21 : 4]) & 3) + 1;
  std::size_t at = hevc ? 23 : 5;
  const auto read = [&](unsigned count) {
    for (NalReader nals(bytes.subspan(at), 2); count > 0; --count) {
      const auto nal = nals.next();
      if (!nal) return false;
      found.units.push_back(*nal);
      at += 2 + nal->size();
    }
    return true;
  };
  if (hevc) {
    for (unsigned arrays = std::to_integer<unsigned>(bytes[22]); arrays > 0; --arrays) {
      if (at + 3 > bytes.size()) return std::nullopt;
      at += 3;
      if (!read(std::to_integer<unsigned>(bytes[at - 2]) << 8 | std::to_integer<unsigned>(bytes[at - 1])))
        return std::nullopt;
    }
    return found.units.empty() ? std::nullopt : std::optional(std::move(found));
  }
  for (const unsigned mask : {0x1fU, 0xffU}) {  // sequence, then picture parameter sets
    if (at >= bytes.size()) return std::nullopt;
    const unsigned count = std::to_integer<unsigned>(bytes[at++]) & mask;
    if (count == 0 || !read(count)) return std::nullopt;
  }
  return found;
}

std::optional<SequenceInfo> sequence_of(Codec codec, const std::string& config) {
  const auto sets = configured_sets(codec, config);
  if (!sets) return std::nullopt;
  if (codec == Codec::h264) return read_h264_sequence(sets->units.front());
  constexpr unsigned hevc_sps = 33;
  for (const Bytes nal : sets->units)
    if (!nal.empty() && (std::to_integer<unsigned>(nal.front()) >> 1 & 0x3f) == hevc_sps)
      return read_hevc_sequence(nal);
  return std::nullopt;
}

}  // namespace carrel::streamer
