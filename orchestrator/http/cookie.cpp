#include "orchestrator/http/cookie.hpp"

#include <algorithm>

namespace carrel::http {
namespace {

std::string attributes(CookieScope scope) {
  return "; Path=" + std::string(scope.base_path) + "/; HttpOnly; SameSite=Strict" +
         (scope.secure ? "; Secure" : "");
}

}  // namespace

std::string_view cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    auto pair = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

std::string set_session_cookie(std::string_view secret, std::chrono::seconds lifetime, CookieScope scope) {
  return std::string(kSessionCookie) + "=" + std::string(secret) + attributes(scope) +
         "; Max-Age=" + std::to_string(lifetime.count());
}

std::string clear_session_cookie(CookieScope scope) {
  return std::string(kSessionCookie) + "=" + attributes(scope) + "; Max-Age=0";
}

}  // namespace carrel::http
