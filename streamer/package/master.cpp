#include <algorithm>
#include <set>
#include <vector>

#include "streamer/index/view.hpp"
#include "streamer/package/bandwidth.hpp"
#include "streamer/package/language.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

using Track = IndexView::Track;

struct Offered {
  std::uint32_t number = 0;
  const Track* track = nullptr;
};

std::vector<Offered> offered(const IndexView& index, MediaKind kind) {
  std::vector<Offered> found;
  for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
    const Track* track = index.playable_track(i);
    if (track != nullptr && track->info.kind == kind) found.push_back({i, track});
  }
  return found;
}

std::string playlist_uri(std::uint32_t track) {
  return std::to_string(track) + "/playlist.m3u8";
}

/// RFC 8216 section 4.3.4.1.1: names within a group differ.
std::string unique_name(const TrackInfo& info, std::size_t position, std::set<std::string>& taken) {
  std::string name = info.title;
  if (name.empty()) name = language_tag(info.language);
  if (name.empty()) name = "Audio " + std::to_string(position + 1);
  if (!taken.insert(name).second) {
    name += " (" + std::to_string(position + 1) + ")";
    taken.insert(name);
  }
  return name;
}

std::size_t default_position(const std::vector<Offered>& audio) {
  const auto marked =
      std::find_if(audio.begin(), audio.end(), [](const Offered& one) { return one.track->info.is_default; });
  return marked == audio.end() ? 0 : static_cast<std::size_t>(marked - audio.begin());
}

void write_audio_group(std::string& text, const std::vector<Offered>& audio) {
  const std::size_t chosen = default_position(audio);
  std::set<std::string> taken;
  for (std::size_t i = 0; i < audio.size(); ++i) {
    const TrackInfo& info = audio[i].track->info;
    TagWriter tag(text, "EXT-X-MEDIA");
    tag.plain("TYPE", "AUDIO").quoted("GROUP-ID", "audio").quoted("NAME", unique_name(info, i, taken));
    const std::string language = language_tag(info.language);
    if (!language.empty()) tag.quoted("LANGUAGE", language);
    tag.plain("DEFAULT", i == chosen ? "YES" : "NO").plain("AUTOSELECT", "YES");
    if (info.channels > 0) tag.quoted("CHANNELS", std::to_string(info.channels));
    tag.quoted("URI", playlist_uri(audio[i].number));
  }
}

void add_codec(std::string& list, const std::string& codec) {
  if (("," + list + ",").find("," + codec + ",") != std::string::npos) return;
  if (!list.empty()) list += ',';
  list += codec;
}

const char* video_range(std::uint16_t transfer) {
  if (transfer == 16) return "PQ";   // SMPTE ST 2084
  if (transfer == 18) return "HLG";  // ARIB STD-B67
  return "SDR";
}

std::string frame_rate(const Track& video) {
  std::uint64_t ticks = 0;
  for (const SegmentRecord& segment : video.segments) ticks += segment.duration;
  // frames·timescale/ticks with three decimals, as if it were a time.
  const std::uint64_t milliframes =
      (video.samples.size() * std::uint64_t{video.info.timescale} * 1000 + ticks / 2) / ticks;
  return decimal_seconds(milliframes, 1000, 3);
}

void write_video_variant(std::string& text, const Offered& video, const std::vector<Offered>& audio) {
  Bandwidth sound;
  std::string codecs;
  add_codec(codecs, video.track->info.codec_string);
  for (const Offered& one : audio) {
    const Bandwidth rate = bandwidth_of(*one.track);
    sound.peak = std::max(sound.peak, rate.peak);
    sound.average = std::max(sound.average, rate.average);
    add_codec(codecs, one.track->info.codec_string);
  }
  const Bandwidth picture = bandwidth_of(*video.track);
  const auto [width, height] = shown_size(video.track->info);
  {
    TagWriter tag(text, "EXT-X-STREAM-INF");
    tag.number("BANDWIDTH", picture.peak + sound.peak)
        .number("AVERAGE-BANDWIDTH", picture.average + sound.average);
    tag.quoted("CODECS", codecs).plain("RESOLUTION", std::to_string(width) + "x" + std::to_string(height));
    tag.plain("FRAME-RATE", frame_rate(*video.track));
    tag.plain("VIDEO-RANGE", video_range(video.track->info.colour.transfer));
    if (!audio.empty()) tag.quoted("AUDIO", "audio");
  }
  text += playlist_uri(video.number) + "\n";
}

/// Without a picture every audio track is a variant, the default one first: it is what a player begins with.
void write_audio_variants(std::string& text, std::vector<Offered> audio) {
  std::rotate(audio.begin(), audio.begin() + static_cast<std::ptrdiff_t>(default_position(audio)),
              audio.end());
  for (const Offered& one : audio) {
    const Bandwidth rate = bandwidth_of(*one.track);
    TagWriter(text, "EXT-X-STREAM-INF")
        .number("BANDWIDTH", rate.peak)
        .number("AVERAGE-BANDWIDTH", rate.average)
        .quoted("CODECS", one.track->info.codec_string);
    text += playlist_uri(one.number) + "\n";
  }
}

}  // namespace

Result<Packaged> package_master(const IndexView& index) {
  const auto video = offered(index, MediaKind::video);
  const auto audio = offered(index, MediaKind::audio);
  if (video.empty() && audio.empty())
    return make_error(ErrorKind::not_found,
                      index.problem().empty() ? "the film has nothing to play" : index.problem());

  std::string text = "#EXTM3U\n#EXT-X-VERSION:7\n";
  if (video.empty() || video.front().track->info.independent) text += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  if (video.empty()) {
    write_audio_variants(text, audio);
  } else {
    write_audio_group(text, audio);
    for (const Offered& one : video) write_video_variant(text, one, audio);
  }
  Packaged packaged{kPlaylistType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
