#pragma once

#include <string>
#include <string_view>

#include "orchestrator/http/message.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/library/video.hpp"
#include "streamer/protocol/message.hpp"

/// From a request for a stream to what a streamer is asked. Pure.
namespace carrel::http {

inline constexpr std::string_view kOriginalQuality = "original";

/// The track can be what the path's name says: cues have .vtt, a document of ASS has .ass, and so on. Without
/// what the worker said of the film, nothing fits but what needs no index.
[[nodiscard]] bool fits(const StreamPath& path, const library::Video& video);

/// The quality that a playlist is restricted to: a variant's name, "original", or empty.
[[nodiscard]] std::string wished_quality(const Request& request);

/// Without the names of variants.
[[nodiscard]] protocol::Serve serve_message(const Request& request, const StreamPath& path,
                                            const library::Video& video);

/// Where a playlist with a token in its query is to be had with the token in its path.
[[nodiscard]] std::string with_token_in_path(const Request& request, protocol::Resource resource);

}  // namespace carrel::http
