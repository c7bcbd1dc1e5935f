#include <boost/asio/awaitable.hpp>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/claim.hpp"
#include "orchestrator/http/cookie.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

std::string_view to_string(accounts::Role role) {
  return role == accounts::Role::admin ? "admin" : "viewer";
}

json user_json(const std::string& id, const std::string& name, accounts::Role role) {
  return {{"id", id}, {"username", name}, {"role", to_string(role)}};
}

struct Credentials {
  std::string username;
  std::string password;
};

Result<Credentials> credentials_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  auto username = string_member(*body, "username");
  if (username.has_error()) return username.error();
  auto password = string_member(*body, "password");
  if (password.has_error()) return password.error();
  return Credentials{std::move(*username), std::move(*password)};
}

Response login_problem(const accounts::LoginError& error) {
  if (error.kind == ErrorKind::forbidden) {
    return problem(401, "wrong-credentials", "That did not work", error.message);
  }
  if (error.too_many_sessions) {
    return problem_later(429, "too-many-sessions", "Too many sessions", error.message, error.retry_after);
  }
  if (error.kind == ErrorKind::busy) {
    return problem_later(429, "slow-down", "Too many attempts", error.message, error.retry_after);
  }
  return problem_from(error);
}

}  // namespace

AsyncReply log_in(Services& services, const Request& request) {
  const Result<Credentials> given = credentials_of(request);
  if (given.has_error()) co_return problem_from(given.error());
  // A warm sandbox carries the id of the session that will claim it.
  const std::string session_id = services.sandboxes.propose_session();
  const accounts::LoginResult login =
      co_await services.accounts.log_in(given->username, given->password, request.peer, session_id);
  if (login.has_error()) {
    services.sandboxes.take_back(session_id);
    services.metrics.login(login.error().kind == ErrorKind::busy ? "slowed" : "refused");
    co_return login_problem(login.error());
  }
  services.metrics.login("ok");
  services.sandboxes.prepare(claim_of(login->session));
  Response response =
      json_response(200, user_json(login->session.user_id, login->session.user_name, login->session.role));
  const CookieScope scope{request.base_path, request.secure};
  response.headers.emplace_back("Set-Cookie",
                                set_session_cookie(login->secret, services.config.session.absolute, scope));
  co_return response;
}

AsyncReply log_out(Services& services, const Request& request) {
  const std::string session_id = request.session->id;
  const Result<void> ended = co_await services.accounts.log_out(session_id);
  if (ended.has_error()) co_return problem_from(ended.error());
  Response response = make_response(204, {}, {});
  const CookieScope scope{request.base_path, request.secure};
  response.headers.emplace_back("Set-Cookie", clear_session_cookie(scope));
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

AsyncReply show_me(Services&, const Request& request) {
  co_return json_response(
      200, user_json(request.session->user_id, request.session->user_name, request.session->role));
}

}  // namespace carrel::http
