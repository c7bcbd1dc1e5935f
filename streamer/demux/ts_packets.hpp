#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "streamer/demux/film_window.hpp"

namespace carrel::streamer {

inline constexpr std::size_t kTsPacketBytes = 188;
inline constexpr std::byte kTsSync{0x47};

/// Where the first packet begins in some bytes, and how far it is from one to the next.
struct TsStep {
  std::size_t begin = 0, stride = 0;
};
/// `stride`: what it has to be, where it is known; else 0. Empty: there are no packets.
[[nodiscard]] std::optional<TsStep> ts_step_in(std::span<const std::byte> bytes, std::size_t stride);

/// Goes from one payload of an elementary stream of an MPEG-TS to the next (ISO/IEC 13818-1 section 2.4.3.2),
/// over packets of 188, 192 (M2TS) or 204 bytes. What it says is a guess to be proven: any bytes may be
/// there.
class TsPackets {
 public:
  struct Payload {
    std::uint64_t begin = 0, end = 0;  ///< in the film, headers of the TS and PES left out; not empty
  };

  /// `window` must outlive this.
  explicit TsPackets(FilmWindow& window) : window_(&window) {}

  /// Goes to the packet at `position`, or to the first one after it. False: there is none.
  [[nodiscard]] bool go_to(std::uint64_t position);
  /// The payload of the next packet of the same stream, at most `reach` bytes on.
  [[nodiscard]] std::optional<Payload> next(std::size_t reach);

 private:
  [[nodiscard]] bool synchronise(std::uint64_t from);
  [[nodiscard]] std::optional<Payload> payload_at(std::uint64_t packet);

  FilmWindow* window_;
  std::uint64_t next_ = 0;  ///< where the next packet begins, at its sync byte
  std::size_t stride_ = 0;  ///< 0: not known yet
  std::optional<unsigned> stream_;
};

}  // namespace carrel::streamer
