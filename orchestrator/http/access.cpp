#include "orchestrator/http/access.hpp"

#include <chrono>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/admin_tokens.hpp"
#include "orchestrator/accounts/stream_tokens.hpp"
#include "orchestrator/http/cookie.hpp"
#include "orchestrator/http/forwarded.hpp"
#include "orchestrator/http/problem.hpp"

namespace carrel::http {
namespace {

bool comes_from_elsewhere(const Request& request) {
  const RequestHeaders& headers = request.headers;
  if (!headers.sec_fetch_site.empty()) {
    return headers.sec_fetch_site != "same-origin" && headers.sec_fetch_site != "none";
  }
  return !headers.origin.empty() && !is_of_host(headers.origin, request.host);
}

Response not_logged_in() {
  return problem(401, "not-logged-in", "You are not logged in", "Log in with POST /api/v1/auth/login.");
}

/// A token opens one video, for as long as it and its session last.
Result<accounts::Session> session_of_token(Services& services, const Request& request) {
  const auto token = services.tokens.verify(request.stream_token, unix_now());
  if (token.has_error()) return token.error();
  if (request.parameters.empty() || token->video_id != request.parameters.front()) {
    return make_error(ErrorKind::forbidden, "the token is for another video");
  }
  auto session = services.accounts.by_id(token->session_id);
  if (session.has_value()) services.accounts.touch(session->id);
  return session;
}

/// "Bearer <token>" (RFC 6750 section 2.1); the scheme in any case.
std::optional<std::string> token_name(const Services& services, std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return std::nullopt;
  }
  return services.admin_tokens.verify(authorization.substr(kScheme.size()));
}

/// An administrator without a login: no id, since nothing can be claimed or ended under it.
accounts::Session session_without_login(const std::string& actor) {
  accounts::Session session;
  session.user_name = actor;
  session.role = accounts::Role::admin;
  return session;
}

}  // namespace

std::optional<Response> refuse(Services& services, const Route& route, Request& request) {
  const bool changes = request.method != Method::get && request.method != Method::head;
  if (changes && comes_from_elsewhere(request)) {
    return problem(
        403, "cross-site", "The request comes from another site",
        "Requests that change something are accepted from Carrel's own pages and from programs only.");
  }
  if (route.permission == Permission::anyone) return std::nullopt;
  if (route.permission == Permission::stream && !request.stream_token.empty()) {
    auto session = session_of_token(services, request);
    if (session.has_error()) {
      return problem(401, "bad-token", "The stream token is not valid",
                     "It expired, belongs to another video, or its session has ended. Ask for a new one.");
    }
    request.actor = session->user_name;
    request.session = std::move(*session);
    return std::nullopt;
  }
  if (route.permission == Permission::admin && !request.local_admin.empty()) {
    request.session = session_without_login(request.local_admin);
    request.actor = request.session->user_name;
    return std::nullopt;
  }
  if (route.permission == Permission::admin && !request.headers.authorization.empty()) {
    const auto name = token_name(services, request.headers.authorization);
    if (!name) {
      return problem(401, "bad-admin-token", "The token is not valid",
                     "It was revoked, has expired, or is not one of an administrator.");
    }
    request.session = session_without_login("token:" + *name);
    request.actor = request.session->user_name;
    return std::nullopt;
  }
  const auto secret = cookie_value(request.headers.cookie, kSessionCookie);
  if (secret.empty()) return not_logged_in();
  auto session = services.accounts.by_secret(secret);
  if (session.has_error()) return not_logged_in();
  if (route.permission == Permission::admin && session->role != accounts::Role::admin) {
    return problem(403, "not-admin", "Only an administrator may do this", "Log in as an administrator.");
  }
  request.actor = session->user_name;
  request.session = std::move(*session);
  return std::nullopt;
}

bool still_allowed(const Services& services, const Request& request) {
  if (!request.session) return false;
  if (!request.session->id.empty()) return services.accounts.by_id(request.session->id).has_value();
  return !request.local_admin.empty() || token_name(services, request.headers.authorization).has_value();
}

}  // namespace carrel::http
