#include "orchestrator/cli/state_tone.hpp"

namespace carrel::cli {

Tone tone_of_state(std::string_view state) {
  if (state == "ready" || state == "assigned" || state == "ok") return Tone::good;
  if (state == "failed" || state == "lost" || state == "unreachable" || state == "disabled") return Tone::bad;
  if (state == "planned" || state == "creating" || state == "starting" || state == "stopping" ||
      state == "connecting" || state == "warning") {
    return Tone::busy;
  }
  if (state == "paused" || state == "removed") return Tone::faint;
  return Tone::plain;
}

}  // namespace carrel::cli
