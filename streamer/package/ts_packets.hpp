#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Packets of MPEG-TS (ISO/IEC 13818-1), written into a text that the caller owns. Times are in 1/90,000 s.
namespace carrel::streamer {

inline constexpr std::size_t kTsPacket = 188;
inline constexpr std::size_t kTsPayload = 184;

struct TsStream {
  std::uint16_t pid = 0;
  std::uint8_t type = 0;               ///< ISO/IEC 13818-1 table 2-34
  std::uint8_t id = 0;                 ///< of its PES packets
  std::string_view registration = {};  ///< four letters, where the type alone does not tell the codec
};

/// The first packets of every segment, one each; `continuity`: the same of both.
void append_pat(std::string& to, unsigned continuity);
void append_pmt(std::string& to, unsigned continuity, std::uint16_t pcr_pid, const TsStream* picture,
                const TsStream* sound);

/// Nothing but the clock. `continuity`: that of the packet before it with this pid.
void append_pcr(std::string& to, std::uint16_t pid, unsigned continuity, std::uint64_t pcr);

/// Header of a PES packet with `payload` bytes. `dts` as `pts`: it is left out.
[[nodiscard]] std::string pes_header(const TsStream& stream, std::size_t payload, std::uint64_t pts,
                                     std::uint64_t dts);
[[nodiscard]] std::size_t pes_header_bytes(std::uint64_t pts, std::uint64_t dts);

/// How one PES packet lies in packets of TS.
struct TsRun {
  std::uint16_t pid = 0;
  std::uint32_t packets = 0;    ///< at least packets_for(); what is more has a byte each
  std::uint8_t continuity = 0;  ///< of the first
  bool entry = false;           ///< a player may begin here
  std::optional<std::uint64_t> pcr;
  std::size_t bytes = 0;  ///< of the PES packet, at least `packets`
};
[[nodiscard]] std::uint32_t packets_for(const TsRun& run);
/// Bytes of the packets that they need: run.bytes, and what the first packet has before them.
[[nodiscard]] std::size_t needed_bytes(const TsRun& run);
/// Its packet number `number`; `pes`: run.bytes of it.
void append_packet(std::string& to, const TsRun& run, std::uint32_t number, std::string_view pes);

}  // namespace carrel::streamer
