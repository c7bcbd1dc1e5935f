#include "streamer/demux/light.hpp"

#include <algorithm>

#include "streamer/demux/bits.hpp"

namespace carrel::streamer {
namespace {

void append(std::string& to, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xff);
}

/// A number with `fraction` bits behind the point, in `unit`ths.
std::uint32_t in_units(std::uint32_t value, std::uint32_t unit, int fraction) {
  const std::uint64_t half = std::uint64_t{1} << (fraction - 1);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>((std::uint64_t{value} * unit + half) >> fraction, 0xffffffff));
}

MasteringDisplay::Point point_of_av1(BitReader& bits) {
  MasteringDisplay::Point point;
  for (std::uint16_t& one : point) one = static_cast<std::uint16_t>(in_units(bits.bits(16), 50'000, 16));
  return point;
}

}  // namespace

std::string mdcv_payload(const MasteringDisplay& display) {
  std::string made;
  for (const auto& point : {display.primaries[0], display.primaries[1], display.primaries[2], display.white})
    for (const std::uint16_t one : point) append(made, one, 2);
  append(made, display.most, 4);
  append(made, display.least, 4);
  return made;
}

std::string clli_payload(std::uint32_t most, std::uint32_t most_average) {
  std::string made;
  append(made, std::min<std::uint32_t>(most, 0xffff), 2);
  append(made, std::min<std::uint32_t>(most_average, 0xffff), 2);
  return made;
}

// ITU-T H.265 sections 7.3.5, D.2.28, D.2.35 and D.2.38; H.264 has the same in annex D. The messages of light
// are what the boxes have.
void Light::meet_sei(Bytes nal, std::size_t header_bytes) {
  constexpr std::uint32_t mastering_display = 137, content_light = 144, alternative_transfer = 147;
  if (known() || nal.size() <= header_bytes) return;
  const std::string raw = raw_payload(nal);
  std::size_t at = header_bytes;
  const auto number = [&] {
    std::uint32_t value = 0, byte = 0xff;
    while (byte == 0xff && at < raw.size()) value += byte = static_cast<unsigned char>(raw[at++]);
    return value;
  };
  while (at + 2 < raw.size()) {
    const std::uint32_t type = number();
    const std::uint32_t size = number();
    if (size > raw.size() - at) return;
    const auto take = [&](std::string& into, std::size_t bytes) {
      if (into.empty() && size >= bytes) into = raw.substr(at, bytes);
    };
    if (type == mastering_display) take(display_, kMasteringDisplayBytes);
    if (type == content_light) take(light_, kContentLightBytes);
    if (type == alternative_transfer) take(transfer_, 1);
    at += size;
  }
}

// AV1 bitstream specification sections 5.8.3, 5.8.4 and 6.7.
void Light::meet_metadata(Bytes payload) {
  constexpr std::uint32_t content_light = 1, mastering_display = 2;
  BitReader bits(payload);
  const std::uint32_t type = bits.bits(8);
  if (type == content_light && light_.empty()) {
    const std::uint32_t most = bits.bits(16);
    const std::string made = clli_payload(most, bits.bits(16));
    if (!bits.overrun()) light_ = made;
  }
  if (type == mastering_display && display_.empty()) {
    const auto red = point_of_av1(bits);
    const auto green = point_of_av1(bits);
    const auto blue = point_of_av1(bits);
    MasteringDisplay display{{green, blue, red}, point_of_av1(bits)};
    display.most = in_units(bits.bits(32), 10'000, 8);
    display.least = in_units(bits.bits(32), 10'000, 14);
    if (!bits.overrun()) display_ = mdcv_payload(display);
  }
}

void Light::complete(TrackInfo& info) const {
  if (info.mastering_display.empty()) info.mastering_display = display_;
  if (info.content_light.empty()) info.content_light = light_;
  if (!transfer_.empty() && info.colour.present)
    info.colour.transfer = static_cast<unsigned char>(transfer_.front());
}

}  // namespace carrel::streamer
