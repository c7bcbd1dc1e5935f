#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::load {

struct Segment {
  std::string path;
  double start = 0;  ///< seconds
  double duration = 0;
};

struct Playlist {
  std::string init;  ///< empty: none
  std::vector<Segment> segments;
  /// Of the segment that is played at `seconds`; the last one beyond the end.
  [[nodiscard]] std::size_t at(double seconds) const;
  [[nodiscard]] double end() const;
};

struct Master {
  std::string video;
  std::optional<std::string> audio;  ///< the default rendition of the video's group, where there is one
};

/// The first variant of a master playlist, as a player begins with it (RFC 8216); names are resolved against
/// `base`.
[[nodiscard]] std::optional<Master> parse_master(std::string_view text, std::string_view base);
[[nodiscard]] std::optional<Playlist> parse_playlist(std::string_view text, std::string_view base);

}  // namespace carrel::load
