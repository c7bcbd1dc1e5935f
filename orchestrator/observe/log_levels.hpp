#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/observe/log.hpp"

/// What is logged of which part; may change at any time. Any thread.
namespace carrel::log {

struct Levels {
  Level general = Level::info;
  std::vector<std::pair<std::string, Level>> parts;  ///< a part is what stands before an event's first point
};

/// Of words as the configuration has them: "info", and "sandbox=debug" each. What is wrong is left out.
[[nodiscard]] Levels levels_from(std::string_view general, const std::vector<std::string>& parts);

void set_levels(Levels levels);

/// What holds now.
[[nodiscard]] Levels levels();
/// Of what no part has a level of its own for.
void set_general_level(Level level);

/// Whether a line of `event` is written.
[[nodiscard]] bool writes(Level level, std::string_view event) noexcept;

}  // namespace carrel::log
