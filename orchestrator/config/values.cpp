#include "orchestrator/config/values.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <limits>

namespace carrel::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> size_units{
    {{"t", 1ULL << 40}, {"g", 1ULL << 30}, {"m", 1ULL << 20}, {"k", 1ULL << 10}, {"", 1}}};
constexpr std::array<Unit, 5> duration_units{{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"", 1}}};

Error invalid(std::string_view text, const std::string& expected) {
  return make_error(ErrorKind::invalid, quote(text) + " is not " + expected);
}

template <class Number>
bool read_whole(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, number);
  return code == std::errc() && stopped == end;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Digits and one of the units; false when it is something else or beyond 64 bits.
bool read_with_unit(std::string_view text, const std::array<Unit, 5>& units, std::uint64_t& value) {
  const auto digits = text.find_first_not_of("0123456789");
  const std::string_view unit = digits == std::string_view::npos ? std::string_view() : text.substr(digits);
  for (const auto& known : units) {
    if (known.name != unit) continue;
    if (!read_whole(text.substr(0, digits), value)) return false;
    if (value > std::numeric_limits<std::uint64_t>::max() / known.factor) return false;
    value *= known.factor;
    return true;
  }
  return false;
}

std::string format_with_unit(std::uint64_t value, const std::array<Unit, 5>& units) {
  for (const auto& unit : units) {
    if (value != 0 && value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return std::to_string(value);
}

/// Its 4 or 16 bytes.
std::string packed(const std::string& address) {
  const bool v6 = address.find(':') != std::string::npos;
  std::string bytes(v6 ? sizeof(in6_addr) : sizeof(in_addr), '\0');
  ::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data());
  return bytes;
}

bool is_everywhere(const std::string& bytes) {
  return bytes.find_first_not_of('\0') == std::string::npos;
}

std::string format_fraction(double value) {
  std::array<char, 32> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() ? std::string(text.data(), end) : std::string();
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr std::size_t max_shown = 80;
  std::string quoted = "\"";
  for (const char c : text.substr(0, max_shown)) {
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return quoted + (text.size() > max_shown ? "…\"" : "\"");
}

Result<std::int64_t> parse_count(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  if (!read_whole(text, value) || value < low || value > high) {
    return invalid(text, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

Result<double> parse_fraction(std::string_view text, double low, double high) {
  double value = 0;
  // Written so that NaN fails too.
  if (!read_whole(text, value) || !(value >= low && value <= high)) {
    return invalid(text, "a number from " + format_fraction(low) + " to " + format_fraction(high));
  }
  return value;
}

Result<std::uint64_t> parse_size(std::string_view text, std::uint64_t low, std::uint64_t high) {
  std::string number = lower(text);
  for (const std::string_view suffix : {"ib", "b"}) {
    if (number.ends_with(suffix)) {
      number.resize(number.size() - suffix.size());
      break;
    }
  }
  std::uint64_t value = 0;
  if (!read_with_unit(number, size_units, value) || value < low || value > high) {
    return invalid(text,
                   "a size from " + format_size(low) + " to " + format_size(high) + ", such as 512m or 1g");
  }
  return value;
}

std::string format_size(std::uint64_t bytes) {
  return format_with_unit(bytes, size_units);
}

Result<std::chrono::seconds> parse_duration(std::string_view text, std::chrono::seconds low,
                                            std::chrono::seconds high) {
  std::uint64_t value = 0;
  if (!read_with_unit(text, duration_units, value) || value < static_cast<std::uint64_t>(low.count()) ||
      value > static_cast<std::uint64_t>(high.count())) {
    return invalid(text, "a duration from " + format_duration(low) + " to " + format_duration(high) +
                             ", such as 90s, 15m, 12h or 14d");
  }
  return std::chrono::seconds(static_cast<std::int64_t>(value));
}

std::string format_duration(std::chrono::seconds duration) {
  auto text = format_with_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
  return duration.count() == 0 ? text + "s" : text;
}

Result<ListenAddress> parse_listen(std::string_view text) {
  const auto error = [&] {
    return invalid(text, "an address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return error();
  auto port = parse_count(text.substr(colon + 1), 0, 65535);
  if (!port) return error();
  std::string address(text.substr(0, colon));
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  in6_addr ignored{};
  // inet_pton stops at a NUL, so one in the text must not hide the rest.
  if (address.find('\0') != std::string::npos ||
      ::inet_pton(bracketed ? AF_INET6 : AF_INET, address.c_str(), &ignored) != 1) {
    return error();
  }
  return ListenAddress{std::move(address), static_cast<std::uint16_t>(*port)};
}

bool listens_as_wanted(std::string_view bound, std::string_view wanted) {
  const auto there = parse_listen(bound);
  const auto asked = parse_listen(wanted);
  if (there.has_error() || asked.has_error()) return true;
  const std::string at = packed(there->address);
  const std::string to_be_at = packed(asked->address);
  const bool same_address = at == to_be_at || (is_everywhere(at) && is_everywhere(to_be_at));
  return same_address && (asked->port == 0 || asked->port == there->port);
}

}  // namespace carrel::config
