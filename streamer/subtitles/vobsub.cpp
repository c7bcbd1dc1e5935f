#include "streamer/subtitles/vobsub.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/timestamp.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kPackHeader = 14, kPesHeader = 6, kPesFlags = 3, kTimeStamp = 5, kSubstream = 1;

std::uint64_t ticks_of(std::int64_t us) {
  return static_cast<std::uint64_t>((std::max<std::int64_t>(us, 0) * 9 + 50) / 100);
}

void put(std::string& to, std::uint64_t byte) {
  to += static_cast<char>(byte & 0xffU);
}

/// ISO/IEC 13818-1 section 2.5.3.3, at the rate that VobSub itself writes.
void append_pack_header(std::string& to, std::uint64_t ticks) {
  to += std::string_view("\x00\x00\x01\xba", 4);
  put(to, 0x44 | (ticks >> 27U & 0x38) | (ticks >> 28U & 0x03));
  put(to, ticks >> 20U);
  put(to, 0x04 | (ticks >> 12U & 0xf8) | (ticks >> 13U & 0x03));
  put(to, ticks >> 5U);
  put(to, 0x04 | (ticks << 3U & 0xf8));
  put(to, 0x01);
  to += std::string_view("\x01\x89\xc3\xf8", 4);  // 25,200 units of 50 bytes a second; no stuffing
}

void append_length(std::string& to, std::size_t bytes) {
  put(to, bytes >> 8U);
  put(to, bytes);
}

void append_time_stamp(std::string& to, std::uint64_t ticks) {
  put(to, 0x21 | (ticks >> 29U & 0x0e));
  put(to, ticks >> 22U);
  put(to, 0x01 | (ticks >> 14U & 0xfe));
  put(to, ticks >> 7U);
  put(to, 0x01 | (ticks << 1U & 0xfe));
}

}  // namespace

std::vector<VobSubPart> vobsub_packs(std::size_t bytes, std::int64_t us) {
  std::vector<VobSubPart> parts;
  const std::uint64_t ticks = ticks_of(us);
  for (std::size_t at = 0; at < bytes;) {
    const bool first = at == 0;
    std::size_t head = kPesFlags + (first ? kTimeStamp : 0);
    const std::size_t room = kPackBytes - kPackHeader - kPesHeader - head - kSubstream;
    const std::size_t take = std::min(room, bytes - at);
    // What is left over is stuffing in the header (up to 32 bytes), or a padding packet (6 and more).
    std::size_t left = room - take;
    const std::size_t stuffing = left < kPesHeader ? left : 0;
    left -= stuffing;
    head += stuffing;
    VobSubPart before;
    append_pack_header(before.made, ticks);
    before.made += std::string_view("\x00\x00\x01\xbd", 4);
    append_length(before.made, head + kSubstream + take);
    put(before.made, 0x81);
    put(before.made, first ? 0x80 : 0x00);
    put(before.made, head - kPesFlags);
    if (first) append_time_stamp(before.made, ticks);
    before.made.append(stuffing, '\xff');
    put(before.made, 0x20);
    parts.push_back(std::move(before));
    parts.push_back({{}, at, take});
    if (left > 0) {
      VobSubPart padding;
      padding.made = std::string_view("\x00\x00\x01\xbe", 4);
      append_length(padding.made, left - kPesHeader);
      padding.made.append(left - kPesHeader, '\xff');
      parts.push_back(std::move(padding));
    }
    at += take;
  }
  return parts;
}

VobSubIndex::VobSubIndex(std::string_view settings, std::string_view language) {
  constexpr std::array<std::string_view, 6> known{
      "size:", "org:", "scale:", "alpha:", "palette:", "custom colors:"};
  constexpr std::size_t longest = 512;
  text_ = "# VobSub index file, v7 (do not modify this line!)\n";
  for (const std::string_view line : lines_of(settings)) {
    const std::string_view plain = trimmed(line);
    const std::string low = lower(plain.substr(0, 16));
    const bool wanted =
        std::any_of(known.begin(), known.end(), [&](auto key) { return low.starts_with(key); });
    if (wanted && plain.size() <= longest) text_ += clean_utf8(plain) + "\n";
  }
  const bool letters = language.size() >= 2 && language[0] >= 'a' && language[0] <= 'z' &&
                       language[1] >= 'a' && language[1] <= 'z';
  text_ += "langidx: 0\nid: " + std::string(letters ? language.substr(0, 2) : "--") + ", index: 0\n";
}

void VobSubIndex::add(std::int64_t us, std::uint64_t position) {
  std::array<char, 32> place{};
  const int length =
      std::snprintf(place.data(), place.size(), "%09llx", static_cast<unsigned long long>(position));
  text_ += "timestamp: " + idx_time(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
  text_ += ", filepos: " + std::string(place.data(), static_cast<std::size_t>(length)) + "\n";
}

}  // namespace carrel::streamer::subtitles
