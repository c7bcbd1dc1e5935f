#pragma once

#include <cstdint>
#include <optional>
#include <string>

/// Names of backups, which tell when they were made: "carrel-20260131T235959Z-0a1b2c3d" and a suffix.
namespace carrel {

/// Clocks of two machines, or one that was set, may differ by so many seconds. What a name is further ahead
/// was given by a clock that was wrong.
inline constexpr std::int64_t kNameAhead = 86'400;

/// The random part tells apart those of one second, also from one that is deleted already.
[[nodiscard]] std::string backup_name(std::int64_t now, const std::string& suffix);
/// When it was made; nothing for another name.
[[nodiscard]] std::optional<std::int64_t> backup_made_at(const std::string& name, const std::string& suffix);

}  // namespace carrel
