#include "streamer/package/adts.hpp"

#include <cstdint>

namespace carrel::streamer {

std::string Adts::header(std::size_t frame_bytes) const {
  const std::uint64_t length = frame_bytes + kAdtsHeaderBytes;
  std::uint64_t bits = 0xfff1;  // the sync word, MPEG-4, no checksum
  bits = bits << 2 | profile;
  bits = bits << 4 | rate_index;
  bits = bits << 1;  // private
  bits = bits << 3 | channels;
  bits = bits << 4;  // original, home, copyright
  bits = bits << 13 | length;
  bits = bits << 11 | 0x7ff;  // buffer fullness: not told
  bits = bits << 2;           // one frame
  std::string made;
  for (int shift = 48; shift >= 0; shift -= 8) made += static_cast<char>(bits >> shift & 0xff);
  return made;
}

Result<Adts> adts_of(const std::string& config) {
  const Error unknown =
      make_error(ErrorKind::not_found, "the sound's profile of AAC is not to be had as MPEG-TS");
  constexpr unsigned escaped_rate = 15, sbr = 5, ps = 29, ltp = 4;
  if (config.size() < 2) return unknown;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bits = bits << 8 | (i < config.size() ? static_cast<unsigned char>(config[i]) : 0);
  unsigned left = 64;
  const auto take = [&](unsigned count) {
    left -= count;
    return static_cast<unsigned>(bits >> left & ((1U << count) - 1));
  };
  unsigned type = take(5);
  Adts made;
  made.rate_index = take(4);
  made.channels = take(4);
  // Spectral band replication is found by the decoder; the header speaks of the core.
  if ((type == sbr || type == ps) && take(4) != escaped_rate) type = take(5);
  if (type == 0 || type > ltp || made.rate_index >= 13 || made.channels == 0 || made.channels > 7)
    return unknown;
  made.profile = type - 1;
  return made;
}

}  // namespace carrel::streamer
