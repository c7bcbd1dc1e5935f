#include "orchestrator/sandbox/idle.hpp"

namespace carrel::sandbox {

IdleStep next_step(const IdlePolicy& policy, bool paused, bool warned,
                   std::chrono::steady_clock::duration idle) {
  if (idle >= policy.stop_after) return IdleStep::stop;
  if (!warned && idle >= policy.stop_after - policy.warn_before) return IdleStep::warn;
  const bool pauses = policy.pause_after.count() > 0;
  if (pauses && !paused && idle >= policy.pause_after) return IdleStep::pause;
  return IdleStep::none;
}

}  // namespace carrel::sandbox
