#include "streamer/subtitles/vobsub_sidecar.hpp"

#include <charconv>
#include <optional>

#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/timestamp.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kMostTracks = 32;
constexpr std::size_t kMostPictures = 50'000;
constexpr std::size_t kMostScanned = 16;  // times the file, however many lines of the index name one place
constexpr std::size_t kLeastScanned = 1U << 20;

std::uint32_t u16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])) << 8U |
         static_cast<unsigned char>(bytes[at + 1]);
}

/// Bytes of one packet at the front of a program stream: pack header, or a packet with a length.
std::size_t packet_bytes(std::string_view stream) {
  if (stream.size() < 14 || !stream.starts_with(std::string_view("\x00\x00\x01", 3))) return 0;
  const auto id = static_cast<unsigned char>(stream[3]);
  if (id == 0xba) return 14 + (static_cast<unsigned char>(stream[13]) & 7U);
  return 6 + u16(stream, 4);
}

/// The picture that begins with the packet at `position`: its parts until it is as long as it says. `budget`
/// is less by the bytes that were gone through.
std::optional<std::string> picture_at(std::string_view sub, std::uint64_t position, unsigned substream,
                                      std::size_t& budget) {
  if (position >= sub.size()) return std::nullopt;
  // A picture has at most 64 KiB; packets of other languages may lie between its own.
  constexpr std::size_t farthest = 512 * 1024;
  std::string_view rest = sub.substr(static_cast<std::size_t>(position), farthest);
  std::string picture;
  while (true) {
    const std::size_t bytes = packet_bytes(rest);
    if (bytes == 0 || bytes > rest.size() || bytes > budget) return std::nullopt;
    budget -= bytes;
    const std::string_view packet = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    if (static_cast<unsigned char>(packet[3]) != 0xbd || packet.size() < 10) continue;
    const std::size_t head = 9 + static_cast<unsigned char>(packet[8]);
    if (head >= packet.size() || static_cast<unsigned char>(packet[head]) != substream) continue;
    picture += packet.substr(head + 1);
    if (picture.size() < 2) continue;
    const std::size_t whole = u16(picture, 0);
    if (whole < 4) return std::nullopt;
    if (picture.size() >= whole) return picture.substr(0, whole);
  }
}

/// "timestamp: 00:01:02:345, filepos: 0000abcd"
struct Place {
  std::int64_t us = 0;
  std::uint64_t position = 0;
};

std::optional<Place> place_of(std::string_view line) {
  std::string_view text = line.substr(std::string_view("timestamp:").size());
  const auto us = take_time(text);
  const auto mark = text.find("filepos:");
  if (!us || mark == std::string_view::npos) return std::nullopt;
  const std::string_view digits = trimmed(text.substr(mark + 8));
  Place place{*us, 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.position, 16);
  if (error != std::errc() || end == digits.data()) return std::nullopt;
  return place;
}

}  // namespace

std::vector<VobSubTrack> parse_vobsub(std::string_view idx, std::string_view sub) {
  std::vector<VobSubTrack> tracks;
  unsigned substream = 0x20;
  std::int64_t delay_us = 0;
  std::size_t pictures = 0, taken = 0, budget = kMostScanned * sub.size() + kLeastScanned;
  for (const std::string_view raw : lines_of(idx)) {
    const std::string_view line = trimmed(raw);
    const std::string low = lower(line.substr(0, 12));
    if (low.starts_with("id:")) {
      if (tracks.size() == kMostTracks) break;
      const std::string_view language = trimmed(line.substr(3)).substr(0, 2);
      const auto mark = line.find("index:");
      const auto number =
          mark == std::string_view::npos ? std::nullopt : leading_number(trimmed(line.substr(mark + 6)));
      substream = 0x20 + static_cast<unsigned>(number.value_or(0) & 0x1f);
      delay_us = 0;
      tracks.push_back({lower(language) == "--" ? std::string() : lower(language), {}});
    } else if (low.starts_with("delay:")) {
      std::string_view text = trimmed(line.substr(6));
      const bool negative = text.starts_with('-');
      if (negative || text.starts_with('+')) text.remove_prefix(1);
      const auto us = take_time(text);
      if (us) delay_us += negative ? -*us : *us;
    } else if (low.starts_with("timestamp:")) {
      const auto place = place_of(line);
      // Lines may all name one picture; what they take together is no more than a few times the file.
      if (!place || ++pictures > kMostPictures || taken > 4 * sub.size() + 4096) continue;
      auto picture = picture_at(sub, place->position, substream, budget);
      if (!picture) continue;
      if (tracks.empty()) tracks.emplace_back();
      taken += picture->size();
      tracks.back().pictures.push_back({place->us + delay_us, std::move(*picture)});
    }
  }
  std::erase_if(tracks, [](const VobSubTrack& track) { return track.pictures.empty(); });
  return tracks;
}

}  // namespace carrel::streamer::subtitles
