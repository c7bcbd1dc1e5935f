#pragma once

#include <string>

#include "orchestrator/accounts/types.hpp"
#include "orchestrator/store/users.hpp"

/// Users as the database has them.
namespace carrel::accounts {

[[nodiscard]] std::string name_of(Role role);
/// Whatever is not an administrator is a viewer.
[[nodiscard]] Role role_of(const std::string& name);

[[nodiscard]] store::LimitColumns columns_of(const LimitOverrides& overrides);
[[nodiscard]] LimitOverrides overrides_of(const store::LimitColumns& columns);

[[nodiscard]] User user_of(const store::UserRow& row);

}  // namespace carrel::accounts
