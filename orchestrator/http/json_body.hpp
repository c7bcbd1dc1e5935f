#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "orchestrator/http/message.hpp"

namespace carrel::http {

/// The body as a JSON object. ErrorKind::invalid with what to send instead.
[[nodiscard]] Result<nlohmann::json> json_object(const Request& request);

/// A string member that must be there.
[[nodiscard]] Result<std::string> string_member(const nlohmann::json& object, const char* name);

[[nodiscard]] Response json_response(unsigned status, const nlohmann::json& value);

}  // namespace carrel::http
