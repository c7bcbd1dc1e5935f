#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/respond/respond.hpp"
#include "streamer/serve/gather.hpp"

namespace carrel::streamer {

/// One answer on its way to one client. Owns its descriptors. Never reads from the client and never changes
/// the flags of the answer descriptor: the daemon shares its open file. SIGPIPE must be ignored in the
/// process.
class Transfer {
 public:
  enum class State {
    ready,    ///< more can be sent at once
    blocked,  ///< wait until the answer is writable
    making,   ///< make_more() has to make what comes next
    ended,    ///< outcome() says how
  };

  /// `answer` is a stream socket or a pipe with O_NONBLOCK set. `skip` ≤ the answer's length: bytes that are
  /// not sent.
  Transfer(Answer plan, std::uint64_t skip, UniqueFd answer, UniqueFd film);

  /// Sends up to about `budget` bytes without blocking (reading the film from disk apart).
  [[nodiscard]] State advance(std::uint64_t budget);

  /// Works until about `until` on what comes next. `making`: there is more to do.
  [[nodiscard]] State make_more(std::chrono::steady_clock::time_point until);

  /// The answer's other end has gone (EPOLLERR or EPOLLHUP).
  void peer_gone();
  /// Ended by something else than the client or the film.
  void fail(std::string why);

  [[nodiscard]] int answer_fd() const { return answer_.get(); }
  [[nodiscard]] protocol::Outcome outcome() const { return outcome_; }
  [[nodiscard]] std::uint16_t status() const { return status_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return sent_; }
  /// From its making to the first byte that was sent; 0 when none was.
  [[nodiscard]] std::chrono::microseconds first_byte_after() const { return first_byte_after_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] std::uint32_t bad_variants() const { return bad_variants_; }

 private:
  State send_buffer(bool more_follows);
  State send_run(std::uint64_t most);
  State end(protocol::Outcome outcome, std::string detail);
  State failed_write(int error);
  void cork(bool on);
  void count_sent(std::uint64_t bytes);
  /// A long answer's makers hold memory that is of no use behind the cursor.
  void forget_sent();

  UniqueFd answer_, film_;
  Pieces pieces_;
  Cursor cursor_;
  std::size_t forgotten_ = 0;  ///< pieces
  SendBuffer buffer_;
  std::uint64_t sent_ = 0;
  std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
  std::chrono::microseconds first_byte_after_{0};
  std::uint16_t status_ = 0;
  protocol::Outcome outcome_;
  std::string detail_;
  std::uint32_t bad_variants_;
  bool is_socket_ = true;
  enum class Cork { off, on, unknown_here } cork_ = Cork::off;
  bool copies_ = false;  ///< sendfile does not work between these two
};

}  // namespace carrel::streamer
