#include "orchestrator/cgroup/values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace carrel::cgroup {
namespace {

/// Takes the part up to the next `separator` off the front of `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> share_of(std::string_view average) {
  static constexpr std::string_view kKey = "avg10=";
  if (!average.starts_with(kKey)) return std::nullopt;
  const auto percent = whole<double>(average.substr(kKey.size()));
  if (!percent || !(*percent >= 0 && *percent <= 100)) return std::nullopt;
  return *percent / 100;
}

std::optional<std::chrono::nanoseconds> scaled(Count count, std::uint64_t factor) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!count || *count > kMost / factor) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*count * factor));
}

}  // namespace

Count parse_count(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return whole<std::uint64_t>(text);
}

Count parse_keyed(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (cut(line, ' ') == key) return parse_count(line);
  }
  return std::nullopt;
}

Count parse_limit_v1(std::string_view text) {
  constexpr std::uint64_t kNone = std::uint64_t{1} << 62U;
  const Count limit = parse_count(text);
  return limit && *limit < kNone ? limit : std::nullopt;
}

Transferred parse_io_v1(std::string_view text) {
  Transferred sum;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    cut(line, ' ');  // the device
    const std::string_view what = cut(line, ' ');
    const std::uint64_t bytes = parse_count(line).value_or(0);
    if (what == "Read") sum.read_bytes += bytes;
    if (what == "Write") sum.written_bytes += bytes;
  }
  return sum;
}

Transferred parse_io_v2(std::string_view text) {
  Transferred sum;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    cut(line, ' ');  // the device
    while (!line.empty()) {
      std::string_view field = cut(line, ' ');
      const std::string_view what = cut(field, '=');
      const std::uint64_t bytes = parse_count(field).value_or(0);
      if (what == "rbytes") sum.read_bytes += bytes;
      if (what == "wbytes") sum.written_bytes += bytes;
    }
  }
  return sum;
}

std::optional<Pressure> parse_pressure(std::string_view text) {
  std::optional<double> some;
  std::optional<double> full;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    const std::string_view who = cut(line, ' ');
    const auto share = share_of(cut(line, ' '));
    if (who == "some") some = share;
    if (who == "full") full = share;
  }
  if (!some) return std::nullopt;
  return Pressure{*some, full.value_or(0)};
}

std::optional<std::chrono::nanoseconds> from_nanoseconds(Count count) {
  return scaled(count, 1);
}

std::optional<std::chrono::nanoseconds> from_microseconds(Count count) {
  return scaled(count, 1000);
}

}  // namespace carrel::cgroup
