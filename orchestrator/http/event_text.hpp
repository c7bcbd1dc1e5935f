#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/observe/event_feed.hpp"

/// Happenings as text/event-stream (HTML standard, section 9.2). Pure.
namespace carrel::http {

enum class Audience { administrators, viewer };

/// A comment when there is none, which tells a dead connection. Viewers are not told details: they quote the
/// engine and name the host's files.
[[nodiscard]] std::string event_text(const std::vector<observe::FeedEvent>& events, Audience audience);

/// The id that a client says it saw last; none when it is not one of ours.
[[nodiscard]] std::optional<std::uint64_t> parse_event_id(std::string_view text);

}  // namespace carrel::http
