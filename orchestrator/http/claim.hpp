#pragma once

#include "orchestrator/accounts/types.hpp"
#include "orchestrator/sandbox/claim.hpp"

/// What a session may ask of the sandboxes, which know no accounts.
namespace carrel::http {

[[nodiscard]] sandbox::SessionLimits sandbox_limits(const accounts::Limits& limits);
[[nodiscard]] sandbox::Claim claim_of(const accounts::Session& session);

}  // namespace carrel::http
