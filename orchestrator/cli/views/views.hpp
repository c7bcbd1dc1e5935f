#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/cli/terminal.hpp"

/// What the API answers, for people: pure functions of the answer and the style. A list that is empty says
/// what to do next. Members that are missing are shown as "-", so that a daemon of another version does no
/// harm.
namespace carrel::cli::views {

using nlohmann::json;

[[nodiscard]] std::string status(const json& answer, const Style& style);

[[nodiscard]] std::string sandboxes(const json& answer, const Style& style);
/// What they use: the busiest first.
[[nodiscard]] std::string sandbox_use(const json& answer, const Style& style);
[[nodiscard]] std::string sandbox(const json& answer, const Style& style);
[[nodiscard]] std::string sandbox_why(const json& answer, const Style& style);
[[nodiscard]] std::string verification(const json& answer, const Style& style);

[[nodiscard]] std::string pool(const json& answer, const Style& style);
[[nodiscard]] std::string collected(const json& answer, const Style& style);
[[nodiscard]] std::string jobs(const json& answer, const Style& style);
/// One line, without its end.
[[nodiscard]] std::string event(const std::string& name, const json& data, const Style& style);

[[nodiscard]] std::string sessions(const json& answer, const Style& style);
[[nodiscard]] std::string users(const json& answer, const Style& style);
[[nodiscard]] std::string user(const json& answer, const Style& style);
[[nodiscard]] std::string tokens(const json& answer, const Style& style);
[[nodiscard]] std::string audit(const json& answer, const Style& style);
[[nodiscard]] std::string backups(const json& answer, const Style& style);
[[nodiscard]] std::string config(const json& answer, const Style& style);
[[nodiscard]] std::string log_level(const json& answer, const Style& style);
[[nodiscard]] std::string checks(const json& answer, const Style& style);

}  // namespace carrel::cli::views
