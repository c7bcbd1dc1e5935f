#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/config/config.hpp"
#include "orchestrator/config/setting.hpp"

/// The file that `carrel-hwtune plan` writes and `admission.plan` names.
namespace carrel::config {

struct HostSize {
  std::uint64_t processors = 0;
  std::uint64_t memory = 0;  ///< bytes
};

struct PlanFile {
  Settings settings;               ///< of carreld's keys; what is wrong with the file, too
  std::optional<TakenPlan> taken;  ///< only of a file with nothing wrong in it
  std::string notice;              ///< what is not wrong, but to be known; mostly empty
};

/// Pure. A plan may set only what bounds the load: it is no second configuration file. One that was made for
/// more of a machine than `host` is is wrong; of one for less a notice tells.
[[nodiscard]] PlanFile parse_plan(std::string_view text, const std::string& file,
                                  const std::optional<HostSize>& host);

}  // namespace carrel::config
