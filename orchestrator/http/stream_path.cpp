#include "orchestrator/http/stream_path.hpp"

#include <charconv>

namespace carrel::http {
namespace {

constexpr std::string_view kStreamRoot = "/stream/";
constexpr std::string_view kTokenMark = "t/";

/// One number, one spelling: no sign, no leading zero.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<StreamPath> parse_stream_path(std::string_view rest) {
  using protocol::Resource;
  if (rest == "original") return StreamPath{Resource::original, 0, 0};
  if (rest == "master.m3u8") return StreamPath{Resource::master, 0, 0};
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto track = parse_number(rest.substr(0, slash));
  std::string_view name = rest.substr(slash + 1);
  if (!track) return std::nullopt;
  if (name == "playlist.m3u8") return StreamPath{Resource::media_playlist, *track, 0};
  if (name == "init.mp4") return StreamPath{Resource::init, *track, 0};
  constexpr std::string_view kSegment = ".m4s";
  if (!name.ends_with(kSegment)) return std::nullopt;
  name.remove_suffix(kSegment.size());
  const auto segment = parse_number(name);
  if (!segment) return std::nullopt;
  return StreamPath{Resource::segment, *track, *segment};
}

std::optional<TokenInPath> take_token(std::string_view path) {
  if (!path.starts_with(kStreamRoot)) return std::nullopt;
  const auto video_end = path.find('/', kStreamRoot.size());
  if (video_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = path.substr(video_end + 1);
  if (!rest.starts_with(kTokenMark)) return std::nullopt;
  const auto token_end = rest.find('/', kTokenMark.size());
  if (token_end == std::string_view::npos) return std::nullopt;
  const auto token = rest.substr(kTokenMark.size(), token_end - kTokenMark.size());
  return TokenInPath{std::string(path.substr(0, video_end)) + std::string(rest.substr(token_end)),
                     std::string(token)};
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
