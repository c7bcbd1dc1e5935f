#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// What the daemon made up once and has to remember; not what the administrator sets. Run inside Store::read
/// or write.
namespace carrel::store {

[[nodiscard]] Result<std::optional<std::string>> get_setting(sqlite::Connection& db, std::string_view key);
[[nodiscard]] Result<void> set_setting(sqlite::Connection& db, std::string_view key, std::string_view value);

}  // namespace carrel::store
