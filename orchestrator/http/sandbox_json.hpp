#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/http/json_values.hpp"
#include "orchestrator/http/services.hpp"

namespace carrel::sandbox {
class Sandbox;
}

namespace carrel::http {

/// One that lives, as docs/api.md has it.
[[nodiscard]] nlohmann::json sandbox_json(const Services& services, const sandbox::Sandbox& sandbox);

/// The name of the sandbox's user, or the id when the session is over; empty: nobody's.
[[nodiscard]] std::string user_of(const Services& services, const sandbox::Sandbox& sandbox);

}  // namespace carrel::http
