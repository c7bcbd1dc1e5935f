#include <algorithm>

#include "streamer/index/view.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/rendition.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {

// Though a variant's does not know the sounds: unless they pause, they are cut where the picture is, to a
// frame of theirs, and where it is not after 9 s at most.
std::uint64_t target_duration(const IndexView& index, const Rendition& own) {
  constexpr std::uint64_t most_of_sound = 9;
  std::uint64_t longest = most_of_sound;
  for (const IndexView::Track& track : index.tracks()) {
    const std::uint32_t frame = track.info.timescale / 10;
    for (const SegmentRecord& segment : track.segments)
      longest = std::max(longest, rounded_seconds(segment.duration + frame, track.info.timescale));
  }
  for (const RenditionSegment& segment : own.segments)
    longest = std::max(longest, rounded_seconds(segment.duration, own.timescale));
  return longest;
}

namespace {

Packaged playlist_of(const IndexView& index, const Rendition& rendition) {
  std::string text = playlist_head(kFragmentedVersion, target_duration(index, rendition));
  TagWriter(text, "EXT-X-MAP").quoted("URI", "init.mp4");
  std::uint32_t number = 0;
  for (const RenditionSegment& segment : rendition.segments) {
    text += "#EXTINF:" + decimal_seconds(segment.duration, rendition.timescale, kDurationDigits);
    text += ",\n" + std::to_string(number++) + ".m4s\n";
  }
  text += "#EXT-X-ENDLIST\n";
  Packaged packaged{kPlaylistType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace

std::string playlist_head(int version, std::uint64_t longest_seconds) {
  return "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(version) +
         "\n#EXT-X-TARGETDURATION:" + std::to_string(longest_seconds) +
         "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n";
}

Result<Packaged> package_media_playlist(const IndexView& index, std::uint32_t track, protocol::Form form) {
  if (form != protocol::Form::source) {
    const auto made = aac_rendition(index, track, form);
    if (!made) return made.error();
    return playlist_of(index, *made);
  }
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  return playlist_of(index, source_rendition(*found, track));
}

}  // namespace carrel::streamer
