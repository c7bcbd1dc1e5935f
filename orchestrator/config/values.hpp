#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// Texts to values and back. Every error is ErrorKind::invalid and says what was expected.
namespace carrel::config {

/// `text` in quotes for a message: bounded, with control characters replaced.
[[nodiscard]] std::string quote(std::string_view text);

/// Decimal digits only, within [low, high].
[[nodiscard]] Result<std::int64_t> parse_count(std::string_view text, std::int64_t low, std::int64_t high);

/// A decimal fraction such as "0.5", within [low, high].
[[nodiscard]] Result<double> parse_fraction(std::string_view text, double low, double high);

/// "512m", "1g", "64k", "16384": bytes, with units of 1024 in either case, optionally followed by "b" or
/// "ib".
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text, std::uint64_t low, std::uint64_t high);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// "90s", "15m", "12h", "14d", or plain seconds.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text, std::chrono::seconds low,
                                                          std::chrono::seconds high);
[[nodiscard]] std::string format_duration(std::chrono::seconds duration);

struct ListenAddress {
  std::string address;  ///< IPv4 or IPv6, without brackets
  std::uint16_t port = 0;
};

/// "127.0.0.1:8080" or "[::1]:8080". No host names: what they resolve to may change.
[[nodiscard]] Result<ListenAddress> parse_listen(std::string_view text);

/// Whether a socket at `bound` is what `wanted` asks for: [::] is 0.0.0.0 as well, and port 0 any. What
/// cannot be parsed is not held against it.
[[nodiscard]] bool listens_as_wanted(std::string_view bound, std::string_view wanted);

}  // namespace carrel::config
