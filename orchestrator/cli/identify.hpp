#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/cli/failure.hpp"

namespace carrel::cli {

/// The one of `items` whose `id` is, or begins with, `given`. `kind` names it in messages, `list_command`
/// says where ids are shown. ExitCode::not_found for none, ExitCode::usage for several.
[[nodiscard]] Answer<std::string> identify(const nlohmann::json& items, std::string_view given,
                                           std::string_view kind, std::string_view list_command);

/// Each id cut to what tells it from the others, at least 8 characters.
[[nodiscard]] std::vector<std::string> shortened(const std::vector<std::string>& ids);

/// shortened() of the member `id` of each of `items`.
[[nodiscard]] std::vector<std::string> short_ids(const nlohmann::json& items);

}  // namespace carrel::cli
