#include "tests/load/playlist.hpp"

#include <algorithm>
#include <charconv>

namespace carrel::load {
namespace {

std::string resolve(std::string_view base, std::string_view name) {
  if (name.starts_with('/')) return std::string(name);
  return std::string(base.substr(0, base.rfind('/') + 1)) + std::string(name);
}

/// What stands after NAME= in a tag's list of attributes, without quotes.
std::string_view attribute(std::string_view line, std::string_view name) {
  const std::string wanted = std::string(name) + "=";
  for (std::size_t at = line.find(wanted); at != line.npos; at = line.find(wanted, at + 1)) {
    if (at > 0 && line[at - 1] != ':' && line[at - 1] != ',') continue;
    std::string_view value = line.substr(at + wanted.size());
    if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
    return value.substr(0, value.find(','));
  }
  return {};
}

template <class Each>
void each_line(std::string_view text, const Each& each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) each(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::size_t Playlist::at(double seconds) const {
  const auto after = std::ranges::upper_bound(segments, seconds, {}, &Segment::start);
  return after == segments.begin() ? 0 : static_cast<std::size_t>(after - segments.begin()) - 1;
}

double Playlist::end() const {
  return segments.empty() ? 0 : segments.back().start + segments.back().duration;
}

std::optional<Master> parse_master(std::string_view text, std::string_view base) {
  std::optional<Master> master;
  std::string group;
  bool next_is_variant = false;
  each_line(text, [&](std::string_view line) {
    if (line.starts_with("#EXT-X-STREAM-INF:") && !master) {
      group = attribute(line, "AUDIO");
      next_is_variant = true;
    } else if (!line.starts_with('#') && next_is_variant) {
      master = Master{resolve(base, line), std::nullopt};
      next_is_variant = false;
    }
  });
  if (!master || group.empty()) return master;
  each_line(text, [&](std::string_view line) {
    if (!line.starts_with("#EXT-X-MEDIA:") || attribute(line, "GROUP-ID") != group) return;
    const std::string_view uri = attribute(line, "URI");
    if (!uri.empty() && (!master->audio || attribute(line, "DEFAULT") == "YES"))
      master->audio = resolve(base, uri);
  });
  return master;
}

std::optional<Playlist> parse_playlist(std::string_view text, std::string_view base) {
  Playlist playlist;
  double duration = 0;
  each_line(text, [&](std::string_view line) {
    if (line.starts_with("#EXT-X-MAP:")) {
      playlist.init = resolve(base, attribute(line, "URI"));
    } else if (line.starts_with("#EXTINF:")) {
      const std::string_view value = line.substr(8);
      std::from_chars(value.data(), value.data() + value.size(), duration);
    } else if (!line.starts_with('#')) {
      playlist.segments.push_back({resolve(base, line), playlist.end(), duration});
    }
  });
  if (playlist.segments.empty()) return std::nullopt;
  return playlist;
}

}  // namespace carrel::load
