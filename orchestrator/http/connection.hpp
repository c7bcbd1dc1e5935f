#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <string>

#include "orchestrator/http/server_load.hpp"
#include "orchestrator/http/services.hpp"
#include "orchestrator/sandbox/client_link.hpp"

namespace carrel::http {

/// Who is at the other end, as far as the connection itself tells.
struct Peer {
  std::string address;      ///< as in Request::peer; under it the connection was admitted
  std::string local_admin;  ///< as in Request::local_admin
  bool barred = false;      ///< nothing but a refusal awaits it: the admin socket is not for this user
  /// The way to a client that this connection does not end at, because TLS does: it is encrypted by the
  /// daemon, and what a sandbox sends needs the daemon to its end.
  std::shared_ptr<sandbox::ClientLink> relayed;
};

/// Serves one client, admitted under its address, until it leaves, errs, or a deadline passes.
boost::asio::awaitable<void> serve_connection(boost::asio::generic::stream_protocol::socket socket,
                                              Services& services, std::shared_ptr<ServerLoad> load,
                                              Peer peer);

}  // namespace carrel::http
