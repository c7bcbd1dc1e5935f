#pragma once

#include <optional>

#include "orchestrator/http/message.hpp"
#include "orchestrator/http/route.hpp"
#include "orchestrator/http/services.hpp"

namespace carrel::http {

/// Lets a request through (and sets request.session), or says why not. Also refuses what another site's page
/// made the browser send (Sec-Fetch-Site, or Origin against Host where that is absent).
[[nodiscard]] std::optional<Response> refuse(Services& services, const Route& route, Request& request);

}  // namespace carrel::http
