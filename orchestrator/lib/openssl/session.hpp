#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "orchestrator/lib/openssl/server_context.hpp"

namespace carrel::openssl {

/// What became of one call. It may be made again as soon as the socket can be read or written.
struct Step {
  enum class State {
    done,
    want_read,
    want_write,
    closed,  ///< the other side has said, in order or not, that nothing more will come
    failed,  ///< the connection is of no more use
  };
  State state = State::done;
  std::size_t bytes = 0;
};

/// The server's side of TLS on a socket that somebody else owns and waits for; nothing here waits. One
/// thread.
class Session {
 public:
  Session(std::shared_ptr<const ServerContext> context, int socket);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// The handshake.
  [[nodiscard]] Step accept();
  [[nodiscard]] Step read(std::span<char> room);
  /// All or nothing, kMaxRecord bytes at most. After want_…, the next write must be of the same bytes.
  [[nodiscard]] Step write(std::span<const char> bytes);
  /// Tells the other side that nothing more will come.
  [[nodiscard]] Step close();

  static constexpr std::size_t kMaxRecord = 16384;

  /// Bytes put into the socket, encrypted and with everything around them.
  [[nodiscard]] std::uint64_t sent() const noexcept;
  /// Why the last step failed; for people.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// "TLSv1.3".
  [[nodiscard]] std::string version() const;

 private:
  struct State;
  Step step_of(int result);

  std::unique_ptr<State> state_;
  std::string failure_;
};

}  // namespace carrel::openssl
