#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "hwtune/plan/plan.hpp"
#include "terminal/style.hpp"

namespace carrel::hwtune {

/// The file that carreld takes (`admission.plan`): TOML, settings of carreld's own, and the section "plan".
[[nodiscard]] std::string toml_of(const Plan& plan);
[[nodiscard]] nlohmann::json json_of(const Plan& plan);
/// For people.
[[nodiscard]] std::string view_of(const Plan& plan, const terminal::Style& style);

}  // namespace carrel::hwtune
