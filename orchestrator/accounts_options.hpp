#pragma once

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel {

/// What the configuration says of sessions and limits. A limit of zero is that of the section sandbox.
[[nodiscard]] accounts::Options accounts_options(const config::Config& config);

}  // namespace carrel
