#include "streamer/subtitles/pgs.hpp"

#include <algorithm>

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kSegmentHeader = 3;
constexpr std::size_t kSupHeader = 10;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_u32(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xffU);
}

std::string header(std::uint32_t ticks) {
  std::string bytes = "PG";
  append_u32(bytes, ticks);
  append_u32(bytes, 0);  // the decoding time: not given
  return bytes;
}

}  // namespace

std::vector<PgsSegment> pgs_segments(std::string_view packet) {
  std::vector<PgsSegment> segments;
  std::size_t at = 0;
  while (packet.size() - at >= kSegmentHeader) {
    const std::size_t bytes = kSegmentHeader + number(packet, at + 1, 2);
    if (bytes > packet.size() - at) break;
    segments.push_back({at, bytes});
    at += bytes;
  }
  return segments;
}

std::string sup_header(std::int64_t us) {
  const std::int64_t ticks = (std::max<std::int64_t>(us, 0) * 9 + 50) / 100;
  return header(static_cast<std::uint32_t>(ticks));
}

std::string shifted_sup(std::string_view file, std::int64_t origin_us) {
  std::string moved;
  const std::int64_t shift = (origin_us * 9 + (origin_us < 0 ? -50 : 50)) / 100;
  while (file.size() >= kSupHeader + kSegmentHeader && file.starts_with("PG")) {
    const std::size_t bytes = kSegmentHeader + number(file, kSupHeader + 1, 2);
    if (bytes > file.size() - kSupHeader) break;
    const std::int64_t ticks = std::int64_t{number(file, 2, 4)} - shift;
    moved += header(static_cast<std::uint32_t>(std::max<std::int64_t>(ticks, 0)));
    moved += file.substr(kSupHeader, bytes);
    file.remove_prefix(kSupHeader + bytes);
  }
  return moved;
}

}  // namespace carrel::streamer::subtitles
