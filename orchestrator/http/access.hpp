#pragma once

#include <optional>

#include "orchestrator/http/message.hpp"
#include "orchestrator/http/route.hpp"
#include "orchestrator/http/services.hpp"

namespace carrel::http {

/// Lets a request through (and sets request.session), or says why not. Also refuses what another site's page
/// made the browser send (Sec-Fetch-Site, or Origin against Host where that is absent).
[[nodiscard]] std::optional<Response> refuse(Services& services, const Route& route, Request& request);

/// Whether who was let through still may go on: for answers without an end. Does not count as use.
[[nodiscard]] bool still_allowed(const Services& services, const Request& request);

}  // namespace carrel::http
