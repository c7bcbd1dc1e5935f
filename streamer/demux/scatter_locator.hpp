#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "streamer/demux/film_window.hpp"
#include "streamer/demux/locator.hpp"
#include "streamer/demux/ts_packets.hpp"

namespace carrel::streamer {

/// A part of a packet: where in the film its bytes are, proven by comparing them.
struct Run {
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
  std::uint64_t film = kNowhere;  ///< kNowhere: the film does not have them, or not where they would be
  std::uint32_t length = 0;
};

/// Proves where the packets of one track lie in the film. Most lie there in one piece; of those that a
/// container scatters (MPEG-TS, PS, Ogg, ASF) or a demuxer adds bytes to (stripped headers) each part is
/// looked for behind the one before.
class ScatterLocator {
 public:
  ScatterLocator(FilmWindow& window, bool transport_stream);

  /// The parts of `packet` in order, together all of it; valid until the next call. `position`: where the
  /// demuxer found the packet or what is around it; negative: it does not say. Empty: nothing is known of
  /// most of it, or the search has become too costly.
  [[nodiscard]] std::span<const Run> locate(std::int64_t position, std::span<const std::byte> packet);

 private:
  [[nodiscard]] bool find_whole(std::int64_t position, std::span<const std::byte> packet);
  void find_parts(std::int64_t position, std::span<const std::byte> packet);
  void find_rest(std::span<const std::byte> packet);
  void find_parts_of_transport_stream(std::int64_t position, std::span<const std::byte> packet);
  [[nodiscard]] bool begin_payload(std::int64_t position, std::span<const std::byte> packet);
  [[nodiscard]] std::size_t agreeing(std::uint64_t offset, std::span<const std::byte> bytes,
                                     std::size_t most);
  [[nodiscard]] bool find_near(std::span<const std::byte> rest);
  [[nodiscard]] bool find_by_needle(std::size_t reach, std::size_t ahead, std::span<const std::byte> rest);
  [[nodiscard]] bool fits(const TsPackets::Payload& payload, std::uint64_t begin,
                          std::span<const std::byte> packet);
  void found(std::uint64_t offset, std::size_t length);
  void missed(std::span<const std::byte> rest);

  SampleLocator whole_;
  FilmWindow& window_;
  std::optional<TsPackets> transport_;
  TsPackets::Payload payload_;  ///< of the transport stream, in which cursor_ is; begin is unused
  std::vector<Run> runs_;
  std::size_t done_ = 0;    ///< bytes of the packet that runs_ tell of
  std::size_t missed_ = 0;  ///< of these: of which the film does not have them
  std::int64_t last_position_ = -1;
  std::uint64_t cursor_ = 0;  ///< where the part before ended
  std::uint64_t gap_ = 0;     ///< between the two parts before
  unsigned scattered_ = 0;    ///< packets in a row that were not in one piece
  unsigned far_misses_ = 0;   ///< in a row
};

}  // namespace carrel::streamer
