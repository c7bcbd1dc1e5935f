#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "orchestrator/http/services.hpp"

namespace carrel::http {

/// Accepts connections and serves them until stop(). I/O thread only; `services` outlives it.
class Server {
 public:
  virtual ~Server() = default;

  virtual void start() = 0;

  /// Accepts no more. What sandboxes are sending goes on without the daemon; the daemon's own answers in the
  /// making are finished, then `on_drained` is called once.
  virtual void stop(std::function<void()> on_drained) = 0;

  /// "127.0.0.1:8080" as bound: the port is the real one where the configuration says 0.
  [[nodiscard]] virtual std::string address() const = 0;
};

/// Binds and listens. Fails with what to do when the address is taken or not this machine's.
[[nodiscard]] Result<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                     Services& services);

}  // namespace carrel::http
