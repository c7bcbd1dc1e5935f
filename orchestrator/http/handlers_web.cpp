#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/web_files.hpp"

namespace carrel::http {

AsyncReply web_page(Services& services, const Request& request) {
  co_return services.web_files.get("/index.html", request.headers.accept_encoding);
}

AsyncReply web_asset(Services& services, const Request& request) {
  co_return services.web_files.get(request.path, request.headers.accept_encoding);
}

}  // namespace carrel::http
