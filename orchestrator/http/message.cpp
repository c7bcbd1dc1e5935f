#include "orchestrator/http/message.hpp"

namespace carrel::http {

Response make_response(unsigned status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

}  // namespace carrel::http
