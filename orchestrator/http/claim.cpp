#include "orchestrator/http/claim.hpp"

namespace carrel::http {

sandbox::SessionLimits sandbox_limits(const accounts::Limits& limits) {
  return {limits.streams, limits.memory, limits.cpus, limits.bandwidth};
}

sandbox::Claim claim_of(const accounts::Session& session) {
  return {session.id, session.user_id, sandbox_limits(session.limits)};
}

}  // namespace carrel::http
