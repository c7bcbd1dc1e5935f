#pragma once

#include <cstdint>
#include <optional>

#include "orchestrator/sandbox/socket_progress.hpp"

namespace carrel::sandbox {

/// What stands between the socket that an answer is written to and its client. I/O thread only.
class ClientLink {
 public:
  virtual ~ClientLink() = default;

  /// The TCP connection with the client, which is paced; open as long as the link.
  [[nodiscard]] virtual int tcp() const = 0;
  /// In bytes of the answer, whatever becomes of them on their way. Empty: they cannot be counted.
  [[nodiscard]] virtual std::optional<SocketProgress> progress() const = 0;
  /// As connection_lost().
  [[nodiscard]] virtual bool lost() const = 0;
  /// Ends the connection at once, for whoever writes to it too.
  virtual void cut() = 0;
};

/// The answer is written to the client's own socket.
class DirectLink final : public ClientLink {
 public:
  /// `socket` stays the caller's.
  explicit DirectLink(int socket) : socket_(socket) {}

  [[nodiscard]] int tcp() const override { return socket_; }
  [[nodiscard]] std::optional<SocketProgress> progress() const override { return socket_progress(socket_); }
  [[nodiscard]] bool lost() const override { return connection_lost(socket_); }
  void cut() override;

 private:
  int socket_;
};

}  // namespace carrel::sandbox
