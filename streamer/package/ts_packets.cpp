#include "streamer/package/ts_packets.hpp"

#include <algorithm>
#include <array>

#include "streamer/package/box.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint16_t kPatPid = 0, kPmtPid = 0x1000;
constexpr std::uint16_t kProgram = 1;
constexpr std::uint64_t kClockBits = (std::uint64_t{1} << 33) - 1;
constexpr unsigned kPayloadOnly = 0x10, kAdaptationOnly = 0x20, kBoth = 0x30;
constexpr std::size_t kClockBytes = 6;

void append_header(std::string& to, std::uint16_t pid, bool begins, unsigned control, unsigned continuity) {
  to += '\x47';
  to += static_cast<char>((begins ? 0x40 : 0) | pid >> 8);
  to += static_cast<char>(pid & 0xff);
  to += static_cast<char>(control | (continuity & 0xf));
}

/// ISO/IEC 13818-1 section 2.4.3.5; the extension counts what is finer, which nothing here is.
void append_clock(std::string& to, std::uint64_t pcr) {
  const std::uint64_t bits = (pcr & kClockBits) << 15 | std::uint64_t{0x3f} << 9;
  for (int shift = 40; shift >= 0; shift -= 8) to += static_cast<char>(bits >> shift & 0xff);
}

/// An adaptation field of `size` bytes, its length's byte included.
void append_adaptation(std::string& to, std::size_t size, bool entry,
                       const std::optional<std::uint64_t>& pcr) {
  const std::size_t end = to.size() + size;
  to += static_cast<char>(size - 1);
  if (size > 1) to += static_cast<char>((entry ? 0x40 : 0) | (pcr ? 0x10 : 0));
  if (size > 1 && pcr) append_clock(to, *pcr);
  to.append(end - to.size(), '\xff');
}

/// ISO/IEC 13818-1 annex A.
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 24;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x80000000) != 0 ? crc << 1 ^ 0x04c11db7 : crc << 1;
  }
  return crc;
}

/// A table in one packet. `body`: after the length field, without the checksum.
void append_section(std::string& to, std::uint16_t pid, unsigned continuity, unsigned table,
                    const std::string& body) {
  const std::size_t end = to.size() + kTsPacket;
  append_header(to, pid, true, kPayloadOnly, continuity);
  BoxWriter section;
  section.u8(table).u16(0xb000 | static_cast<std::uint32_t>(body.size() + 4)).text(body);
  std::string text = section.take();
  BoxWriter checksum;
  checksum.u32(crc_of(text));
  to += '\0';  // the section begins at once
  to += text;
  to += checksum.take();
  to.append(end - to.size(), '\xff');
}

void write_stream(BoxWriter& out, const TsStream& stream) {
  const std::size_t descriptor = stream.registration.empty() ? 0 : 2 + stream.registration.size();
  out.u8(stream.type).u16(0xe000U | stream.pid).u16(0xf000 | static_cast<std::uint32_t>(descriptor));
  if (descriptor > 0)
    out.u8(5).u8(static_cast<std::uint32_t>(stream.registration.size())).text(stream.registration);
}

void append_time(std::string& to, unsigned mark, std::uint64_t time) {
  time &= kClockBits;
  to += static_cast<char>(mark << 4 | (time >> 30 & 7) << 1 | 1);
  to += static_cast<char>(time >> 22 & 0xff);
  to += static_cast<char>((time >> 15 & 0x7f) << 1 | 1);
  to += static_cast<char>(time >> 7 & 0xff);
  to += static_cast<char>((time & 0x7f) << 1 | 1);
}

/// What the first packet has before its payload, beside its header.
std::size_t first_adaptation(const TsRun& run) {
  if (run.pcr) return 2 + kClockBytes;
  return run.entry ? 2 : 0;
}

/// Where the payload of packet `number` begins in the PES packet.
std::size_t payload_start(const TsRun& run, std::uint32_t number) {
  if (number == 0) return 0;
  if (number == run.packets) return run.bytes;
  const std::size_t full = kTsPayload - first_adaptation(run) + (number - 1) * kTsPayload;
  return std::min(full, run.bytes - (run.packets - number));
}

}  // namespace

void append_pat(std::string& to, unsigned continuity) {
  BoxWriter body;
  body.u16(1).u8(0xc1).u8(0).u8(0);  // this stream, version 0, current, section 0 of 0
  body.u16(kProgram).u16(0xe000 | kPmtPid);
  append_section(to, kPatPid, continuity, 0, body.take());
}

void append_pmt(std::string& to, unsigned continuity, std::uint16_t pcr_pid, const TsStream* picture,
                const TsStream* sound) {
  BoxWriter body;
  body.u16(kProgram).u8(0xc1).u8(0).u8(0).u16(0xe000U | pcr_pid).u16(0xf000);
  for (const TsStream* stream : {picture, sound})
    if (stream != nullptr) write_stream(body, *stream);
  append_section(to, kPmtPid, continuity, 2, body.take());
}

void append_pcr(std::string& to, std::uint16_t pid, unsigned continuity, std::uint64_t pcr) {
  append_header(to, pid, false, kAdaptationOnly, continuity);
  append_adaptation(to, kTsPayload, false, pcr);
}

std::size_t pes_header_bytes(std::uint64_t pts, std::uint64_t dts) {
  return pts == dts ? 14 : 19;
}

std::string pes_header(const TsStream& stream, std::size_t payload, std::uint64_t pts, std::uint64_t dts) {
  const std::size_t header = pes_header_bytes(pts, dts);
  const std::size_t length = header - 6 + payload;
  const bool picture = (stream.id & 0xf0) == 0xe0;  // whose length need not be told
  std::string made("\0\0\1", 3);
  made += static_cast<char>(stream.id);
  const std::size_t told = picture || length > 0xffff ? 0 : length;
  made += static_cast<char>(told >> 8);
  made += static_cast<char>(told & 0xff);
  made += '\x84';  // begins with an access unit
  made += static_cast<char>(pts == dts ? 0x80 : 0xc0);
  made += static_cast<char>(header - 9);
  append_time(made, pts == dts ? 2 : 3, pts);
  if (pts != dts) append_time(made, 1, dts);
  return made;
}

std::uint32_t packets_for(const TsRun& run) {
  return static_cast<std::uint32_t>((needed_bytes(run) + kTsPayload - 1) / kTsPayload);
}

std::size_t needed_bytes(const TsRun& run) {
  return run.bytes + first_adaptation(run);
}

void append_packet(std::string& to, const TsRun& run, std::uint32_t number, std::string_view pes) {
  const std::size_t start = payload_start(run, number);
  const std::string_view payload = pes.substr(start, payload_start(run, number + 1) - start);
  const std::size_t adaptation = kTsPayload - payload.size();
  append_header(to, run.pid, number == 0, adaptation > 0 ? kBoth : kPayloadOnly, run.continuity + number);
  if (adaptation > 0)
    append_adaptation(to, adaptation, number == 0 && run.entry, number == 0 ? run.pcr : std::nullopt);
  to += payload;
}

}  // namespace carrel::streamer
