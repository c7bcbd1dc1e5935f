#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace carrel::http {

inline constexpr char kSessionCookie[] = "carrel_session";

/// The value of one cookie in a Cookie header (RFC 6265 section 4.2.1); empty if absent.
[[nodiscard]] std::string_view cookie_value(std::string_view header, std::string_view name);

/// Where a cookie goes.
struct CookieScope {
  std::string_view base_path;  ///< as Request::base_path
  bool secure = false;         ///< over TLS alone
};

/// Set-Cookie for a new session. SameSite=Strict: no other site's page can use it, whatever the method.
[[nodiscard]] std::string set_session_cookie(std::string_view secret, std::chrono::seconds lifetime,
                                             CookieScope scope);
[[nodiscard]] std::string clear_session_cookie(CookieScope scope);

}  // namespace carrel::http
