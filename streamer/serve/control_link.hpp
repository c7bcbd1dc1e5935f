#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::streamer {

/// The streamer's end of the control socket: what waits to be sent, and the way back after the daemon went
/// away. Spare sockets are made before the jail closes, which allows connect() but no socket().
class ControlLink {
 public:
  ControlLink(UniqueFd connected, std::string path, std::vector<UniqueFd> spares);

  [[nodiscard]] bool connected() const { return static_cast<bool>(socket_); }
  [[nodiscard]] bool may_reconnect() const { return !spares_.empty(); }
  [[nodiscard]] int fd() const { return socket_.get(); }
  /// The connection and every spare: what the jail lets talk to the daemon.
  [[nodiscard]] std::vector<int> descriptors() const;
  /// Another number for each connection: a request belongs to the one it came by.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  /// Messages wait for the socket to be writable. Stop reading requests meanwhile: that bounds the queue.
  [[nodiscard]] bool backed_up() const { return !waiting_.empty(); }

  /// Sends, or queues behind a full socket. An error means that the connection is lost: drop() it.
  [[nodiscard]] Result<void> send(protocol::Message message);
  [[nodiscard]] Result<void> flush();

  void drop();
  /// One attempt, without waiting. True: connected, with a new generation and one spare socket less.
  [[nodiscard]] bool reconnect();

 private:
  UniqueFd socket_;
  std::string path_;
  std::vector<UniqueFd> spares_;
  std::deque<protocol::Message> waiting_;
  std::uint64_t generation_ = 1;
};

}  // namespace carrel::streamer
