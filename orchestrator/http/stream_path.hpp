#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streamer/protocol/message.hpp"

/// The paths below /stream/{video}/ and the query of those that carry a token.
namespace carrel::http {

struct StreamPath {
  protocol::Resource resource = protocol::Resource::original;
  std::uint32_t track = 0;
  std::uint32_t segment = 0;
  protocol::Form form = protocol::Form::source;
  std::string extension{};  ///< of what a track of subtitles alone has: "vtt" (segments), "ass", "sup", "sub"
  std::string variant{};    ///< whose resource it is; empty: the film's
  bool operator==(const StreamPath&) const = default;
};

/// "original", "master.m3u8", "3/playlist.m3u8", "3/aac2/17.m4s", "v/720p/0/init.mp4", …; anything else is
/// empty. Every resource has one path.
[[nodiscard]] std::optional<StreamPath> parse_stream_path(std::string_view rest);

/// Of a playlist of a whole film; empty for anything else.
[[nodiscard]] std::string_view playlist_name(protocol::Resource resource);

struct TokenInPath {
  std::string path;  ///< without the token
  std::string token;
};

/// /stream/{video}/t/{token}/… is /stream/{video}/… with a token that relative URLs keep: a playlist need not
/// name it. Empty when the path has no token.
[[nodiscard]] std::optional<TokenInPath> take_token(std::string_view path);

/// For logs: with "…" for whatever may be a token, also in a path that is none of Carrel's.
[[nodiscard]] std::string without_tokens(std::string path);

/// The value of a query parameter, as sent (what Carrel reads from queries needs no percent-decoding); empty
/// if absent.
[[nodiscard]] std::string_view query_value(std::string_view query, std::string_view name);

}  // namespace carrel::http
