#include "orchestrator/library/direct_play.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "orchestrator/library/media_type.hpp"
#include "streamer/protocol/plays.hpp"

namespace carrel::library {
namespace {

using protocol::Plays;
using protocol::TrackKind;
using protocol::TrackSummary;

enum Container : std::uint8_t { kMp4 = 1, kWebm = 2, kMpeg = 4, kFlac = 8, kOgg = 16, kWav = 32 };

std::uint8_t container_of(std::string_view media_type) {
  using Entry = std::pair<std::string_view, Container>;
  constexpr std::array<Entry, 8> kContainers{{{"video/mp4", kMp4},
                                              {"audio/mp4", kMp4},
                                              {"video/webm", kWebm},
                                              {"audio/webm", kWebm},
                                              {"audio/mpeg", kMpeg},
                                              {"audio/flac", kFlac},
                                              {"audio/ogg", kOgg},
                                              {"audio/wav", kWav}}};
  const auto* found = std::ranges::find(kContainers, media_type, &Entry::first);
  return found == kContainers.end() ? 0 : found->second;
}

struct Known {
  std::string_view prefix;    ///< of the codec's name as the index has it
  unsigned everywhere;        ///< containers out of which every browser plays it
  std::optional<Plays> name;  ///< for clients
};
constexpr std::array<Known, 18> kKnown{{{"avc", kMp4, Plays::h264},
                                        {"hvc1", 0, Plays::hevc},
                                        {"hev1", 0, Plays::hevc},
                                        {"av01", kMp4 | kWebm, Plays::av1},
                                        {"vp09", kMp4 | kWebm, Plays::vp9},
                                        {"vp08", kWebm, Plays::vp8},
                                        {"mp4a.40.", kMp4, Plays::aac},
                                        {"AAC", kMp4, Plays::aac},
                                        {"mp4a.6", kMp4 | kMpeg, Plays::mp3},
                                        {"MP3", kMp4 | kMpeg, Plays::mp3},
                                        {"Opus", kMp4 | kWebm | kOgg, Plays::opus},
                                        {"fLaC", kMp4 | kFlac | kOgg, Plays::flac},
                                        {"Vorbis", kWebm | kOgg, {}},
                                        {"PCM", kWav, {}},
                                        {"ac-3", 0, Plays::ac3},
                                        {"ec-3", 0, Plays::eac3},
                                        {"alac", 0, Plays::alac},
                                        {"dts", 0, Plays::dts}}};

bool plays(const TrackSummary& track, std::uint8_t container, std::uint32_t client) {
  const auto* known =
      std::ranges::find_if(kKnown, [&](const Known& one) { return track.codec.starts_with(one.prefix); });
  if (known == kKnown.end()) return false;
  if (known->name == Plays::h264 && !is_common_h264(track.codec)) return false;
  if (track.codec.starts_with("mp4a.40.") && !protocol::is_usual_aac(track.codec)) return false;
  if (container == kMp4 && client != 0 && known->name) return (client & protocol::bit_of(*known->name)) != 0;
  return (known->everywhere & container) != 0;
}

/// What a browser takes of several: the default, else the first.
const TrackSummary* taken(const protocol::Indexed& facts, TrackKind kind) {
  const TrackSummary* first = nullptr;
  for (const TrackSummary& track : facts.tracks) {
    if (track.kind != kind) continue;
    if (track.is_default) return &track;
    if (first == nullptr) first = &track;
  }
  return first;
}

}  // namespace

bool is_common_h264(std::string_view codec) {
  if (!codec.starts_with("avc1.") && !codec.starts_with("avc3.")) return false;
  // Baseline, Main, Extended and High.
  constexpr std::array<std::string_view, 4> kProfiles{"42", "4D", "58", "64"};
  return std::ranges::find(kProfiles, codec.substr(5, 2)) != kProfiles.end();
}

bool plays_directly(const Video& video, std::uint32_t client) {
  const std::uint8_t container = container_of(media_type_of(video));
  if (container == 0 || !video.facts) return container != 0;
  const TrackSummary* picture = taken(*video.facts, TrackKind::video);
  const TrackSummary* sound = taken(*video.facts, TrackKind::audio);
  return (picture != nullptr || sound != nullptr) &&
         (picture == nullptr || plays(*picture, container, client)) &&
         (sound == nullptr || plays(*sound, container, client));
}

}  // namespace carrel::library
