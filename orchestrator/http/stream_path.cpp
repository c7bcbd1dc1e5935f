#include "orchestrator/http/stream_path.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace carrel::http {

using protocol::Form;
using protocol::Resource;

namespace {

constexpr std::string_view kStreamRoot = "/stream/";
constexpr std::string_view kTokenMark = "t/";
constexpr std::string_view kVariantMark = "v/";
constexpr std::size_t kMostVariantName = 16;

/// One number, one spelling: no sign, no leading zero.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::array<std::pair<std::string_view, Resource>, 3> kPlaylistsOfFilm{
    {{"master.m3u8", Resource::master}, {"manifest.mpd", Resource::dash}, {"ts.m3u8", Resource::ts_master}}};
constexpr std::array<std::pair<std::string_view, Resource>, 6> kOfFilm{
    {kPlaylistsOfFilm[0],
     kPlaylistsOfFilm[1],
     kPlaylistsOfFilm[2],
     {"original", Resource::original},
     {"chapters.json", Resource::chapters_json},
     {"chapters.vtt", Resource::chapters_vtt}}};
constexpr std::array<std::pair<std::string_view, Form>, 2> kForms{
    {{"aac2/", Form::aac_stereo}, {"aac6/", Form::aac_surround}}};

bool take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

/// "17/", whose number is returned.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto number = parse_number(text.substr(0, slash));
  text.remove_prefix(slash + 1);
  return number;
}

/// "17.m4s".
std::optional<StreamPath> parse_segment(StreamPath path, std::string_view name, std::string_view extension,
                                        Resource resource) {
  if (!name.ends_with(extension)) return std::nullopt;
  name.remove_suffix(extension.size());
  const auto number = parse_number(name);
  if (!number) return std::nullopt;
  path.resource = resource;
  path.segment = *number;
  return path;
}

/// What every rendition of picture and sound has.
std::optional<StreamPath> parse_fragmented(StreamPath path, std::string_view name) {
  path.resource = Resource::media_playlist;
  if (name == "playlist.m3u8") return path;
  path.resource = Resource::init;
  if (name == "init.mp4") return path;
  return parse_segment(std::move(path), name, ".m4s", Resource::segment);
}

std::optional<StreamPath> parse_subtitles(StreamPath path, std::string_view name) {
  path.resource = Resource::subtitles;
  if (name == "subtitles.vtt") return path;
  path.resource = Resource::subtitle_index;
  if (name == "subtitles.idx") return path;
  path.resource = Resource::subtitle_document;
  for (const std::string_view extension : {"ass", "sup", "sub"}) {
    std::string_view rest = name;
    if (take(rest, "subtitles.") && rest == extension) {
      path.extension = extension;
      return path;
    }
  }
  path.extension = "vtt";
  return parse_segment(std::move(path), name, ".vtt", Resource::segment);
}

std::optional<StreamPath> parse_of_track(std::uint32_t track, std::string_view name) {
  StreamPath path;
  path.track = track;
  for (const auto& [folder, form] : kForms) {
    if (!take(name, folder)) continue;
    path.form = form;
    return parse_fragmented(std::move(path), name);
  }
  if (take(name, "ts/")) {
    path.resource = Resource::ts_playlist;
    if (name == "playlist.m3u8") return path;
    path.extension = "vtt";
    if (auto cues = parse_segment(path, name, ".vtt", Resource::ts_segment)) return cues;
    path.extension = {};
    return parse_segment(std::move(path), name, ".ts", Resource::ts_segment);
  }
  path.resource = Resource::iframe_playlist;
  if (name == "iframes.m3u8") return path;
  auto fragmented = parse_fragmented(path, name);
  return fragmented ? fragmented : parse_subtitles(std::move(path), name);
}

/// A variant has a picture and nothing else.
std::optional<StreamPath> parse_of_variant(std::string_view rest) {
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > kMostVariantName) return std::nullopt;
  StreamPath path;
  path.variant = rest.substr(0, slash);
  const bool plain = std::ranges::all_of(
      path.variant, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  rest.remove_prefix(slash + 1);
  const auto track = take_number(rest);
  if (!plain || !track) return std::nullopt;
  path.track = *track;
  path.resource = Resource::iframe_playlist;
  if (rest == "iframes.m3u8") return path;
  return parse_fragmented(std::move(path), rest);
}

}  // namespace

std::optional<StreamPath> parse_stream_path(std::string_view rest) {
  for (const auto& [name, resource] : kOfFilm)
    if (rest == name) return StreamPath{resource};
  if (take(rest, kVariantMark)) return parse_of_variant(rest);
  const auto track = take_number(rest);
  return track ? parse_of_track(*track, rest) : std::nullopt;
}

std::string_view playlist_name(Resource resource) {
  for (const auto& [name, other] : kPlaylistsOfFilm)
    if (resource == other) return name;
  return {};
}

std::optional<TokenInPath> take_token(std::string_view path) {
  if (!path.starts_with(kStreamRoot)) return std::nullopt;
  const auto video_end = path.find('/', kStreamRoot.size());
  if (video_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = path.substr(video_end + 1);
  if (!rest.starts_with(kTokenMark)) return std::nullopt;
  const auto token_end = rest.find('/', kTokenMark.size());
  if (token_end == std::string_view::npos || token_end == kTokenMark.size()) return std::nullopt;
  const auto token = rest.substr(kTokenMark.size(), token_end - kTokenMark.size());
  return TokenInPath{std::string(path.substr(0, video_end)) + std::string(rest.substr(token_end)),
                     std::string(token)};
}

std::string without_tokens(std::string path) {
  // Also as somebody escapes it who need not, and where a client took "&" for "?".
  for (const std::string_view mark : {"/t/", "/t%2F", "/t%2f", "/%74/", "/%74%2F", "/%74%2f", "%2Ft%2F",
                                      "%2ft%2f", "token=", "token%3D", "token%3d"}) {
    for (std::size_t at = path.find(mark); at != std::string::npos; at = path.find(mark, at)) {
      at = std::min(path.find_first_not_of('/', at + mark.size()), path.size());
      path.replace(at, std::min(path.find_first_of("/&", at), path.size()) - at, "…");
    }
  }
  return path;
}

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace carrel::http
