#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace carrel::http {

/// The decoded value of `name` in a query; none when it is absent or empty.
[[nodiscard]] std::optional<std::string> query_text(std::string_view query, std::string_view name);

/// As query_text(), as a number from `low` to `high`; ErrorKind::invalid otherwise.
[[nodiscard]] Result<std::optional<std::int64_t>> query_number(std::string_view query, std::string_view name,
                                                               std::int64_t low, std::int64_t high);

/// "90" or "90.5", from 0 to `high`: the whole seconds. It has to be there; ErrorKind::invalid otherwise.
[[nodiscard]] Result<std::uint64_t> query_seconds(std::string_view query, std::string_view name,
                                                  std::uint64_t high);

/// As query_text(), as seconds since 1970: so many, or RFC 3339 in UTC ("2026-01-31T23:59:59Z");
/// ErrorKind::invalid otherwise.
[[nodiscard]] Result<std::optional<std::int64_t>> query_time(std::string_view query, std::string_view name);

}  // namespace carrel::http
