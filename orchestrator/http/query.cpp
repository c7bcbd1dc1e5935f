#include "orchestrator/http/query.hpp"

#include <charconv>
#include <ctime>
#include <limits>

#include "base/escape.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/http/stream_path.hpp"

namespace carrel::http {
namespace {

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::int64_t> parse_rfc3339(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::int64_t seconds = ::timegm(&parts);
  // strptime lets the 30th of February through.
  return rfc3339(seconds) == text ? std::optional(seconds) : std::nullopt;
}

}  // namespace

std::optional<std::string> query_text(std::string_view query, std::string_view name) {
  const auto value = query_value(query, name);
  return value.empty() ? std::optional<std::string>() : percent_decoded(value);
}

Result<std::optional<std::int64_t>> query_number(std::string_view query, std::string_view name,
                                                 std::int64_t low, std::int64_t high) {
  const auto text = query_text(query, name);
  if (!text) return std::optional<std::int64_t>();
  const auto number = parsed<std::int64_t>(*text);
  if (number && *number >= low && *number <= high) return number;
  return make_error(ErrorKind::invalid, "the parameter \"" + std::string(name) + "\" must be a number from " +
                                            std::to_string(low) + " to " + std::to_string(high));
}

Result<std::uint64_t> query_seconds(std::string_view query, std::string_view name, std::uint64_t high) {
  const std::string text = query_text(query, name).value_or("");
  const auto point = text.find('.');
  const auto seconds = parsed<std::uint64_t>(std::string_view(text).substr(0, point));
  const bool fraction = point == std::string::npos || is_digits(std::string_view(text).substr(point + 1));
  if (seconds && fraction && *seconds <= high) return *seconds;
  return make_error(ErrorKind::invalid, std::string(name) + " is seconds from the film's begin, as in " +
                                            std::string(name) + "=90 or " + std::string(name) + "=90.5");
}

Result<std::optional<std::int64_t>> query_time(std::string_view query, std::string_view name) {
  const auto text = query_text(query, name);
  if (!text) return std::optional<std::int64_t>();
  if (const auto number = parsed<std::int64_t>(*text); number && *number >= 0) return number;
  if (const auto time = parse_rfc3339(*text); time && *time >= 0) return time;
  return make_error(ErrorKind::invalid,
                    "the parameter \"" + std::string(name) +
                        "\" must be a time such as 2026-01-31T23:59:59Z, or seconds since "
                        "1970");
}

}  // namespace carrel::http
