#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streamer/protocol/message.hpp"

/// Request headers to typed conditions (RFC 9110 sections 5.6.7, 8.8.3, 13.1, 14.2). What a header's grammar
/// does not allow makes that header as if it were not there, as the RFC asks; nothing here fails. One
/// exception, on the safe side: an unreadable If-Range becomes a weak tag, which never matches, so that the
/// film is sent whole. A tag list of more than kMaxEntityTags tags or 16 KiB is left out.
namespace carrel::protocol {

struct ConditionHeaders {  ///< empty: the header was not sent
  std::string_view range, if_range, if_match, if_none_match, if_modified_since, if_unmodified_since;
};

[[nodiscard]] Conditions parse_conditions(const ConditionHeaders& headers);

/// `bytes=0-99,-5`. Empty on another unit, bad syntax, or more than kMaxRanges elements (served whole then).
[[nodiscard]] std::vector<ByteRange> parse_range(std::string_view header);

/// All three date forms of RFC 9110 section 5.6.7, to Unix seconds. The name of the day is not held against
/// the date. Two-digit years are read as of today's system clock.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);
[[nodiscard]] std::string format_http_date(std::int64_t unix_seconds);

}  // namespace carrel::protocol
