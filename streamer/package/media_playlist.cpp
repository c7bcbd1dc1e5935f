#include <algorithm>

#include "streamer/index/view.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/rendition.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

Packaged playlist_of(const Rendition& rendition) {
  std::uint64_t longest = 1;
  for (const RenditionSegment& segment : rendition.segments)
    longest = std::max(longest, rounded_seconds(segment.duration, rendition.timescale));
  std::string text = playlist_head(kFragmentedVersion, longest);
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
    return playlist_of(*made);
  }
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  return playlist_of(source_rendition(*found, track));
}

}  // namespace carrel::streamer
