#include <algorithm>

#include "streamer/index/view.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

constexpr int kDurationDigits = 9;  // within one tick of any timescale up to 1 GHz

std::uint64_t target_duration(const IndexView::Track& track) {
  std::uint64_t longest = 1;
  const std::uint64_t timescale = track.info.timescale;
  for (const SegmentRecord& segment : track.segments)
    longest = std::max(longest, (segment.duration + timescale / 2) / timescale);
  return longest;
}

}  // namespace

Result<Packaged> package_media_playlist(const IndexView& index, std::uint32_t track) {
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  std::string text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:";
  text += std::to_string(target_duration(*found));
  text += "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n";
  TagWriter(text, "EXT-X-MAP").quoted("URI", "init.mp4");
  std::uint32_t number = 0;
  for (const SegmentRecord& segment : found->segments) {
    text += "#EXTINF:" + decimal_seconds(segment.duration, found->info.timescale, kDurationDigits);
    text += ",\n" + std::to_string(number++) + ".m4s\n";
  }
  text += "#EXT-X-ENDLIST\n";
  Packaged packaged{kPlaylistType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
