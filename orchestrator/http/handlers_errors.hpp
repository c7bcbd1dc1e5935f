#pragma once

#include "orchestrator/http/handlers.hpp"

namespace carrel::http {

AsyncReply list_errors(Services& services, const Request& request);

}  // namespace carrel::http
