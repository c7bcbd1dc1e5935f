#include "orchestrator/jobs/qualities.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "orchestrator/library/direct_play.hpp"

namespace carrel::jobs {
namespace {

using protocol::Plays;
using protocol::TrackKind;
using protocol::TrackSummary;
using protocol::TrackUse;

// A player that has just enough stalls at every dip.
constexpr std::uint64_t kUsableOfTen = 8;
// What sound that is made into AAC takes, in stereo.
constexpr std::uint64_t kMadeSound = 160'000;
constexpr std::string_view kMadeSoundCodec = "mp4a.40.2";
constexpr std::string_view kMadePictureCodec = "avc1.640028";

const TrackSummary* first_of(const library::Video& video, TrackKind kind) {
  if (!video.facts) return nullptr;
  const TrackSummary* first = nullptr;
  for (const TrackSummary& track : video.facts->tracks) {
    const bool usable = track.use == TrackUse::remux || track.use == TrackUse::transcode ||
                        (kind == TrackKind::video && track.use == TrackUse::convert);
    if (track.kind != kind || !usable) continue;
    if (track.is_default) return &track;
    if (first == nullptr) first = &track;
  }
  return first;
}

struct Sound {
  std::uint64_t bits_per_second = 0;
  std::string codec;
};

Sound sound_of(const library::Video& video) {
  const TrackSummary* track = first_of(video, TrackKind::audio);
  if (track == nullptr) return {};
  if (track->use == TrackUse::transcode) return {kMadeSound, std::string(kMadeSoundCodec)};
  return {track->bits_per_second, track->codec};
}

std::string with(const std::string& picture, const std::string& sound) {
  if (picture.empty() || sound.empty()) return picture + sound;
  return picture + "," + sound;
}

std::string lines(const Quality& quality) {
  if (quality.height == 0) return {};
  return " (" + std::to_string(lines_of(quality.width, quality.height)) + "p)";
}

Quality original(const library::Video& video, const Sound& sound) {
  Quality quality;
  quality.id = kOriginal;
  const TrackSummary* picture = first_of(video, TrackKind::video);
  if (picture != nullptr) {
    quality.width = picture->width;
    quality.height = picture->height;
    quality.bandwidth = picture->bits_per_second;
    quality.codecs = picture->codec;
  }
  quality.label = "Original" + lines(quality);
  quality.bandwidth += sound.bits_per_second;
  quality.codecs = with(quality.codecs, sound.codec);
  return quality;
}

std::string label_of(const Quality& quality) {
  return quality.id == kPlay ? "Converted" + lines(quality) : quality.id;
}

Quality ready(const store::VariantRow& variant, const Sound& sound) {
  Quality quality;
  quality.id = variant.name;
  quality.width = static_cast<std::uint32_t>(variant.width);
  quality.height = static_cast<std::uint32_t>(variant.height);
  quality.label = label_of(quality);
  quality.bandwidth = static_cast<std::uint64_t>(variant.bandwidth) + sound.bits_per_second;
  quality.codecs = with(variant.codec, sound.codec);
  return quality;
}

Quality not_made(const Film& film, const std::string& name, const store::JobRow* job, const Sound& sound) {
  Quality quality;
  quality.id = name;
  quality.height = height_of(film, name);
  if (film.height != 0) {
    // Even, as the codec wants it.
    const std::uint64_t width = std::uint64_t{film.width} * quality.height / film.height;
    quality.width = static_cast<std::uint32_t>((width + 1) / 2 * 2);
  }
  quality.label = label_of(quality);
  quality.bandwidth = bits_per_second_of(film, name) + sound.bits_per_second;
  quality.codecs = with(std::string(kMadePictureCodec), sound.codec);
  quality.state = QualityState::possible;
  if (job == nullptr) return quality;
  quality.progress = store::share_done(*job);
  switch (job->state) {
    case store::JobState::waiting: quality.state = QualityState::waiting; break;
    case store::JobState::running: quality.state = QualityState::making; break;
    case store::JobState::failed: quality.state = QualityState::failed; break;
    // Removed again, or not wanted then.
    case store::JobState::done:
    case store::JobState::cancelled: quality.progress = 0; break;
  }
  return quality;
}

/// The codec of a picture as a client names it; 0 where nobody asks.
std::uint32_t played_as(std::string_view codecs) {
  constexpr std::array<std::pair<std::string_view, Plays>, 9> kNames{
      std::pair{std::string_view("avc"), Plays::h264},
      {"hvc", Plays::hevc},
      {"hev", Plays::hevc},
      {"av01", Plays::av1},
      {"vp08", Plays::vp8},
      {"vp8", Plays::vp8},
      {"vp09", Plays::vp9},
      {"vp9", Plays::vp9},
      {"dvh", Plays::hevc}};
  for (const auto& [name, plays] : kNames) {
    if (codecs.starts_with(name)) return protocol::bit_of(plays);
  }
  return 0;
}

bool plays_there(const Quality& quality, const Device& device) {
  const std::uint32_t needed = played_as(quality.codecs);
  if (device.plays == 0 || needed == 0) return true;
  // A client that names H.264 means what everybody plays of it.
  const bool usual = needed != protocol::bit_of(Plays::h264) || library::is_common_h264(quality.codecs);
  return usual && (device.plays & needed) != 0;
}

bool fills(const Quality& quality, const Device& device) {
  if (!device.screen_width || !device.screen_height) return false;
  // A phone is turned for a film.
  const auto [low, high] = std::minmax(*device.screen_width, *device.screen_height);
  return quality.height >= low || quality.width >= high;
}

}  // namespace

std::string_view to_string(QualityState state) {
  switch (state) {
    case QualityState::ready: return "ready";
    case QualityState::making: return "making";
    case QualityState::waiting: return "waiting";
    case QualityState::possible: return "possible";
    case QualityState::failed: return "failed";
  }
  return "possible";
}

std::vector<Quality> qualities_of(const library::Video& video, std::span<const store::VariantRow> variants,
                                  std::span<const store::JobRow> jobs) {
  std::vector<Quality> qualities;
  const Film film = film_of(video);
  if (!film.ready) return qualities;
  const Sound sound = sound_of(video);
  if (video.playable()) qualities.push_back(original(video, sound));
  for (const store::VariantRow& variant : variants) qualities.push_back(ready(variant, sound));
  for (const std::string& name : makeable(film)) {
    if (std::ranges::find(variants, name, &store::VariantRow::name) != variants.end()) continue;
    const auto job = std::ranges::find(jobs, name, &store::JobRow::quality);
    qualities.push_back(not_made(film, name, job == jobs.end() ? nullptr : &*job, sound));
  }
  std::ranges::stable_sort(qualities, {}, [](const Quality& quality) {
    return std::tuple(quality.id != kOriginal, -static_cast<std::int64_t>(quality.height));
  });
  return qualities;
}

std::string default_quality(std::span<const Quality> qualities, const Device& device) {
  std::vector<const Quality*> usable;
  for (const Quality& quality : qualities) {
    if (quality.state == QualityState::ready) usable.push_back(&quality);
  }
  if (usable.empty()) return {};
  const auto keep = [&](const auto& wanted) {
    std::vector<const Quality*> kept;
    std::ranges::copy_if(usable, std::back_inserter(kept), wanted);
    if (!kept.empty()) usable = std::move(kept);
  };
  keep([&](const Quality* quality) { return plays_there(*quality, device); });
  if (device.network_kbps) {
    const std::uint64_t most = *device.network_kbps * 1000 / 10 * kUsableOfTen;
    const auto least = *std::ranges::min_element(usable, {}, &Quality::bandwidth);
    keep([&](const Quality* quality) { return quality->bandwidth <= most || quality == least; });
  }
  const auto size = [](const Quality* quality) {
    return std::tuple(quality->height, quality->width, quality->id == kOriginal);
  };
  const auto largest = *std::ranges::max_element(usable, {}, size);
  // The least of those that fill the screen; the original before one that was made of it.
  keep([&](const Quality* quality) { return fills(*quality, device) || quality == largest; });
  if (!fills(*largest, device)) return largest->id;
  const auto fit = *std::ranges::min_element(usable, {}, [](const Quality* quality) {
    return std::tuple(quality->height, quality->width, quality->id != kOriginal);
  });
  return fit->id;
}

}  // namespace carrel::jobs
