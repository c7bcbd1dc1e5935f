#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "orchestrator/http/connection.hpp"
#include "orchestrator/lib/openssl/server_context.hpp"

namespace carrel::http::tls {

/// As serve_connection(), for a client that is to speak TLS.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket,
                                   std::shared_ptr<const openssl::ServerContext> certificate,
                                   Services& services, std::shared_ptr<ServerLoad> load, Peer peer);

}  // namespace carrel::http::tls
