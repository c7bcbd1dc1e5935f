#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace carrel::streamer {

/// What the packets of an MPEG-TS say (ISO/IEC 13818-1 section 2.4) and libavformat does not tell: which
/// streams are encrypted, and which are of one programme at one time. Streams go by their PID. Any bytes may
/// come in. Pure.
class TsWatch {
 public:
  TsWatch();

  /// To be shown what is read of the film, in any order. Packets that lie in two reads are not seen.
  void see(std::uint64_t offset, std::span<const std::byte> bytes);

  /// Where the stream's first encrypted packets are; empty: it has none.
  [[nodiscard]] std::optional<std::uint64_t> encrypted_from(int pid) const;
  /// The tables that name `pid` never name `picture`, though others do: what it belongs to, for people. Empty
  /// otherwise.
  [[nodiscard]] std::string apart(int pid, int picture) const;

 private:
  struct Encrypted {
    std::uint64_t begin = 0;  ///< of the packets in a row that are so
    unsigned run = 0;
    std::optional<std::uint64_t> first;
  };
  void meet(std::uint64_t position, std::span<const std::byte> packet);
  void meet_section(unsigned pid, bool begins, std::span<const std::byte> payload);
  void read_associations(std::span<const std::byte> section);
  void read_map(std::span<const std::byte> section);

  std::size_t stride_ = 0;   ///< 0: not known yet
  std::uint64_t phase_ = 0;  ///< of the packets' positions
  std::vector<Encrypted> encrypted_;
  std::map<unsigned, std::vector<std::byte>> sections_;           ///< so far, of each PID with tables
  std::set<std::pair<unsigned, std::set<unsigned>>> programmes_;  ///< number and streams, in every version
};

}  // namespace carrel::streamer
