#pragma once

#include <cstdint>
#include <string>

/// Quantities as people read them.
namespace carrel::terminal {

/// What stands where there is no value.
inline constexpr char kNothing[] = "-";

/// "512 MiB", "1.4 GiB"; units of 1024.
[[nodiscard]] std::string bytes_text(double bytes);
/// "45s", "3m 5s", "2h 10m", "4d 3h".
[[nodiscard]] std::string duration_text(std::int64_t seconds);
/// "5m 3s ago", "in 2h 10m", "now".
[[nodiscard]] std::string age_text(std::int64_t at, std::int64_t now);

}  // namespace carrel::terminal
