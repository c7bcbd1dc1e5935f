#pragma once

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "orchestrator/accounts/limits.hpp"

namespace carrel::http {

[[nodiscard]] nlohmann::json limits_json(const accounts::Limits& limits);
/// Only those that are set.
[[nodiscard]] nlohmann::json overrides_json(const accounts::LimitOverrides& overrides);

/// An object, of which a member that is null takes an override back; or null, which takes all back.
/// ErrorKind::invalid: an unknown member, or one that is no number in range of its type. The ranges proper
/// are accounts::check's.
[[nodiscard]] Result<accounts::LimitChanges> limit_changes(const nlohmann::json& value);

}  // namespace carrel::http
