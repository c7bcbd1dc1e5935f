#pragma once

#include <span>
#include <string>
#include <string_view>

#include "orchestrator/config/network.hpp"
#include "orchestrator/http/message.hpp"

namespace carrel::http {

/// Where a request came from in truth.
struct Origin {
  std::string address;
  std::string host;
  bool secure = false;
  bool proxied = false;  ///< by one that is believed; others' requests may follow on its connection
};

/// `peer` is at the other end of the connection, which speaks TLS if `secure`. What it says in X-Forwarded-…
/// is believed if it is among `trusted`, and so on along the line of proxies; the first that is not is the
/// client. RFC 7239's Forwarded is not looked at: a proxy that does not know it passes on what the client
/// made up. Pure.
[[nodiscard]] Origin origin_of(std::string_view peer, bool secure, const RequestHeaders& headers,
                               std::span<const config::Network> trusted);

/// Whether a page of `origin` (RFC 6454: scheme, host, port) was served from `host`, as requests name it. In
/// either case, and with or without the scheme's own port. Pure.
[[nodiscard]] bool is_of_host(std::string_view origin, std::string_view host);

/// Takes `base_path` from the front of the request's path, which becomes empty if it was nothing else, and
/// a stream token out of it. A proxy may have taken the base path off already.
void mount(Request& request, std::string_view base_path);

}  // namespace carrel::http
