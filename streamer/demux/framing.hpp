#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streamer/demux/nal.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// A part of a sample: bytes that the film does not have, or a range of the packet.
struct Part {
  std::string literal;
  std::size_t from = 0, size = 0;  ///< of the packet, where there is no literal
};

/// A packet as MP4 wants it.
struct Framed {
  std::vector<Part> sets;  ///< parameter sets, which stand before the rest where they are sent at all
  std::vector<Part> parts;
};

enum class FramingKind : std::uint8_t {
  as_is,
  annex_b,  ///< H.264 and HEVC behind start codes
  adts,     ///< AAC behind headers of its own
};

/// Changes the framing of a track's packets from that of streams to that of MP4.
class Framing {
 public:
  virtual ~Framing() = default;

  /// Empty: the packet is not framed so; it is to be left out.
  [[nodiscard]] virtual std::optional<Framed> frame(Bytes packet) = 0;

  /// What the packets have told: the payload of the configuration; empty: not enough.
  [[nodiscard]] virtual std::string configuration() const = 0;
  /// It is not the same throughout, so that the sets have to be sent with the samples.
  [[nodiscard]] virtual bool changed() const = 0;
  /// The configuration's picture is not that of all packets: another size, or other bits for its colours.
  [[nodiscard]] virtual bool other_pictures() const { return false; }
};

/// `extradata`: libav's; null for FramingKind::as_is.
[[nodiscard]] std::unique_ptr<Framing> make_framing(FramingKind kind, Codec codec,
                                                    const std::string& extradata);

/// The bytes of a sample as it will be sent, without its parameter sets.
[[nodiscard]] std::string bytes_of(const std::vector<Part>& parts, Bytes packet);

}  // namespace carrel::streamer
