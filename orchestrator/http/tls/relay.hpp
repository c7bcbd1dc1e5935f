#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/http/tls/record_marks.hpp"
#include "orchestrator/lib/openssl/session.hpp"
#include "orchestrator/sandbox/client_link.hpp"

namespace carrel::http::tls {

struct RelayLimits {
  std::chrono::milliseconds handshake{15'000};
  /// The client acknowledges nothing of what waits for it for so long: the connection ends.
  std::chrono::milliseconds stall{900'000};
  /// How long a client that was told the end may still send.
  std::chrono::milliseconds linger{5'000};
};

/// Encrypts what comes out of one end of a socket pair for a client, and decrypts what the client sends.
/// Whoever holds the other end, the daemon or a sandbox, writes plain HTTP as to the client itself. Nothing
/// is kept here but one record either way: a slow client fills its socket, then the pair, then its sandbox
/// waits. I/O thread only.
class Relay final : public sandbox::ClientLink, public std::enable_shared_from_this<Relay> {
 public:
  Relay(boost::asio::ip::tcp::socket client, std::shared_ptr<const openssl::ServerContext> certificate,
        const RelayLimits& limits);

  enum class Greeting {
    encrypted,
    plain,   ///< the client does not speak TLS; it may be answered in the clear on client()
    nobody,  ///< it left, erred, or let the deadline pass
  };
  boost::asio::awaitable<Greeting> greet();
  [[nodiscard]] const std::string& failure() const noexcept { return session_.failure(); }
  [[nodiscard]] boost::asio::ip::tcp::socket& client() noexcept { return client_; }

  /// After the handshake, once: makes the pair and gives the end for plain HTTP. Fails when there are no
  /// descriptors left.
  [[nodiscard]] Result<boost::asio::local::stream_protocol::socket> open();

  /// Both at the same time, after open(). Ends when nobody will write to the other end any more and all is in
  /// the client's socket, or when the client is gone.
  static boost::asio::awaitable<void> send(std::shared_ptr<Relay> self);
  /// Ends when the client has said its last, or has had time to after send() ended.
  static boost::asio::awaitable<void> receive(std::shared_ptr<Relay> self);

  [[nodiscard]] int tcp() const override;
  [[nodiscard]] std::optional<sandbox::SocketProgress> progress() const override;
  [[nodiscard]] bool lost() const override;
  void cut() override;

 private:
  using Step = openssl::Step;

  /// Until the session can go on. False: it cannot.
  boost::asio::awaitable<bool> ready_for(Step step);
  boost::asio::awaitable<bool> encrypt(std::span<const char> bytes);
  boost::asio::awaitable<bool> pass_on(std::span<const char> bytes);
  void tell_end();
  /// Cuts the connection after `time`, unless the client acknowledges something in between.
  void expect_progress(std::chrono::milliseconds time);
  void expect_end(std::chrono::milliseconds time);
  void expect_nothing() { deadline_.cancel(); }
  [[nodiscard]] std::uint64_t acknowledged() const;

  RelayLimits limits_;
  boost::asio::ip::tcp::socket client_;
  openssl::Session session_;
  boost::asio::local::stream_protocol::socket pair_;
  boost::asio::steady_timer deadline_;
  std::uint64_t acknowledged_before_ = 0;  ///< by TCP's count, when the session began
  std::uint64_t taken_ = 0;                ///< plain bytes out of the pair
  mutable RecordMarks marks_;
  bool dead_ = false;
  bool told_end_ = false;
};

}  // namespace carrel::http::tls
