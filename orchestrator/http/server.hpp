#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/passed_sockets.hpp"
#include "orchestrator/http/services.hpp"

namespace carrel::openssl {
class ServerContext;
}

namespace carrel::http {

/// What becomes of those who connect to a server that accepts no more.
enum class Backlog {
  refuse,
  keep,  ///< the socket goes on listening, and they wait for the next program
};

/// Accepts connections and serves them until stop(). I/O thread only; `services` outlives it.
class Server {
 public:
  virtual ~Server() = default;

  virtual void start() = 0;

  /// Accepts no more. What sandboxes are sending goes on without the daemon; who got through before is still
  /// answered, then `on_drained` is called once. Connections that wait for another request are closed.
  virtual void stop(Backlog backlog, std::function<void()> on_drained) = 0;

  /// The listening socket for the next program, which must take it: this server will not remove its name.
  /// After stop() with Backlog::keep.
  [[nodiscard]] virtual Result<PassedSocket> pass_on() = 0;

  [[nodiscard]] virtual bool speaks_tls() const { return false; }

  /// What connections made from now on speak TLS with. Only for a server that speaks it.
  virtual void use_certificate(std::shared_ptr<const openssl::ServerContext>) {}

  /// "127.0.0.1:8080" as bound: the port is the real one where the configuration says 0.
  [[nodiscard]] virtual std::string address() const = 0;
};

/// Takes a listening TCP socket out of `passed`: a service manager's wherever it listens, the predecessor's
/// if that is where http.listen says. Else binds and listens; fails with what to do when the address is taken
/// or not this machine's.
[[nodiscard]] Result<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                     Services& services, std::vector<PassedSocket>& passed);

}  // namespace carrel::http
