#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "hwtune/tune/tune.hpp"
#include "terminal/style.hpp"

namespace carrel::hwtune::tune {

/// What would change, line by line, and what stays and why.
[[nodiscard]] std::string view_of(const machine::Root& root, const Proposal& proposal,
                                  const terminal::Style& style);
[[nodiscard]] nlohmann::json json_of(const Proposal& proposal);
[[nodiscard]] std::string view_of(const Reverted& reverted, const terminal::Style& style);
[[nodiscard]] nlohmann::json json_of(const Reverted& reverted);

}  // namespace carrel::hwtune::tune
