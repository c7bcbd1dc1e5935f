#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/admin_tokens.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

struct Wanted {
  std::string name;
  std::chrono::seconds lifetime{};
};

Result<Wanted> wanted_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  auto name = string_member(*body, "name");
  if (name.has_error()) return name.error();
  const auto lifetime = body->find("expires_in");
  if (lifetime == body->end() || !lifetime->is_number_unsigned()) {
    return make_error(ErrorKind::invalid, R"(the member "expires_in" must be a whole number of seconds)");
  }
  // What is beyond every bound stays so in a signed number.
  const auto seconds = std::min<std::uint64_t>(lifetime->get<std::uint64_t>(), UINT32_MAX);
  return Wanted{std::move(*name), std::chrono::seconds(static_cast<std::int64_t>(seconds))};
}

json token_json(const accounts::AdminToken& token) {
  return {{"name", token.name},
          {"created_by", token.created_by},
          {"created_at", rfc3339(token.created_at)},
          {"expires_at", rfc3339(token.expires_at)}};
}

}  // namespace

AsyncReply list_tokens(Services& services, const Request&) {
  json items = json::array();
  for (const auto& token : services.admin_tokens.all()) items.push_back(token_json(token));
  co_return json_response(200, {{"items", std::move(items)}});
}

AsyncReply add_token(Services& services, const Request& request) {
  const Result<Wanted> wanted = wanted_of(request);
  if (wanted.has_error()) co_return problem_from(wanted.error());
  const Result<std::string> secret =
      co_await services.admin_tokens.add(wanted->name, wanted->lifetime, request.session->user_name);
  if (secret.has_error()) co_return problem_from(secret.error());
  co_return json_response(201, {{"name", wanted->name}, {"token", *secret}});
}

AsyncReply revoke_token(Services& services, const Request& request) {
  const std::string& name = request.parameters.front();
  const Result<void> revoked = co_await services.admin_tokens.revoke(name, request.session->user_name);
  if (revoked.has_error()) co_return problem_from(revoked.error());
  co_return make_response(204, {}, {});
}

}  // namespace carrel::http
