#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/sandbox/client_link.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

struct AnswerRequest {
  Claim claim;
  protocol::Serve message;
  std::string film_name;             ///< of the film, for breakers and explanations; any stable id
  int socket = -1;                   ///< to write to; stays the caller's, who must not touch it meanwhile
  std::shared_ptr<ClientLink> link;  ///< from there to the client
  UniqueFd film;
  UniqueFd index;                  ///< empty for the original
  std::vector<UniqueFd> variants;  ///< indexes of message.variants
};

struct AnswerOptions {
  std::chrono::seconds stall_timeout{900};  ///< the client acknowledges nothing for so long: the answer ends
  std::chrono::seconds hang_timeout{20};    ///< nothing is queued and nothing comes: the sandbox hangs
  std::function<bool()> wanted;       ///< false once the session has ended: no new sandbox is made for it
  std::function<void()> on_progress;  ///< the client acknowledged bytes since the last look
};

struct AnswerEnd {
  protocol::Outcome outcome = protocol::Outcome::complete;
  std::uint16_t status = 0;
  std::uint64_t bytes = 0;                  ///< of the whole answer that reached the socket
  unsigned sandboxes = 1;                   ///< more than 1: the answer outlived a sandbox
  std::optional<double> hand_over_seconds;  ///< from the claim to the first hand-over
  /// From the claim to the first byte in the client's connection; empty when there was none, or the sandbox
  /// that sent it died.
  std::optional<double> first_byte_seconds;
  std::string detail;
  std::uint32_t bad_variants = 0;  ///< protocol::Done::bad_variants
  /// SocketProgress::written when the answer ended; what comes on top of it is the caller's, or nobody's
  /// business.
  std::optional<std::uint64_t> socket_written;
  std::weak_ptr<Sandbox> sandbox;  ///< the one that ended the answer
};

/// Hands one request over to the session's sandbox and waits for its end. When the sandbox dies in the
/// middle, the next one ends the same answer at the byte where it stopped, so that the client sees nothing of
/// it. A refusal means that nothing was written to the client; an outcome other than complete, that the
/// connection cannot be used any more.
boost::asio::awaitable<Granted<AnswerEnd>> give_answer(Sandboxes& sandboxes, AnswerRequest request,
                                                       AnswerOptions options);

}  // namespace carrel::sandbox
