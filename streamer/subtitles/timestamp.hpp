#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carrel::streamer::subtitles {

/// "1:02:03,456", "02:03.4": hours may be missing, a comma, dot or colon before the fraction. Microseconds;
/// takes it from the front of `text`, blanks before it too. One that was shifted too far is negative. Empty,
/// and `text` as it was: there is none.
[[nodiscard]] std::optional<std::int64_t> take_time(std::string_view& text);

struct Span {
  std::int64_t start_us = 0, end_us = 0;
};

/// "TIME --> TIME" and what follows on that line.
[[nodiscard]] std::optional<Span> take_span(std::string_view& line);

/// "00:00:01.000", as WebVTT has it; hours get more digits where they need them.
[[nodiscard]] std::string vtt_time(std::uint64_t us);
/// "0:00:01.00", as ASS has it.
[[nodiscard]] std::string ass_time(std::uint64_t us);
/// "00:00:01:000", as VobSub has it.
[[nodiscard]] std::string idx_time(std::uint64_t us);

}  // namespace carrel::streamer::subtitles
