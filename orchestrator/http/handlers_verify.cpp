#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

AsyncReply verify_sandbox(Services& services, const Request&) {
  const Result<std::vector<sandbox::VerifyLine>> lines = co_await services.sandboxes.verify();
  if (lines.has_error()) co_return problem_from(lines.error());
  json items = json::array();
  for (const auto& line : *lines) {
    items.push_back(
        {{"attempt", line.attempt}, {"expected", line.expected}, {"outcome", line.outcome}, {"ok", line.ok}});
  }
  json answer;
  answer["items"] = std::move(items);
  co_return json_response(200, answer);
}

}  // namespace carrel::http
