#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/asio/one_shot.hpp"
#include "orchestrator/sandbox/container_plan.hpp"
#include "orchestrator/sandbox/control_channel.hpp"
#include "orchestrator/sandbox/lifecycle.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

/// Why a sandbox has to go. Reason::none: nobody asked for it, the engine knows.
struct Ending {
  Reason reason = Reason::none;
  std::string detail;
};

/// An answer that a sandbox is giving; empty when the sandbox was lost before it said Done.
using PendingAnswer = OneShot<std::optional<protocol::Done>>;
using PendingIndex = OneShot<std::optional<protocol::Indexed>>;

/// One container as the daemon knows it. Its life is driven by Sandboxes; others may only ask it to serve and
/// ask for its end. I/O thread only.
class Sandbox : public std::enable_shared_from_this<Sandbox> {
 public:
  Sandbox(boost::asio::any_io_executor executor, Identity identity);

  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const std::string& container_id() const noexcept { return container_id_; }

  /// Hands one request over (the descriptors stay the caller's). The id of `message` is set here.
  /// ErrorKind::unavailable: lost already. ErrorKind::busy: `max_answers` are running.
  [[nodiscard]] Result<std::shared_ptr<PendingAnswer>> serve(protocol::Serve message,
                                                             std::span<const int> descriptors,
                                                             std::size_t max_answers);
  [[nodiscard]] Result<std::shared_ptr<PendingIndex>> index(protocol::Index message,
                                                            std::span<const int> descriptors);

  /// Asks a verifying sandbox for its attempts; they are all there once ending() is set.
  [[nodiscard]] Result<void> verify(std::span<const int> descriptors);
  [[nodiscard]] const std::vector<protocol::Attempt>& attempts() const noexcept { return attempts_; }

  /// Bytes of film that the worker says it has read; grows while it makes progress.
  [[nodiscard]] std::uint64_t index_progress() const noexcept { return index_progress_; }

  /// Set once its container is gone from the engine.
  [[nodiscard]] OneShot<bool>& gone() noexcept { return gone_; }

  /// Asks for the end of this sandbox; the first reason stays.
  void end(Ending ending);

  // For Sandboxes, the owner of the life.
  void move_to(State state);
  void set_container(std::string id) { container_id_ = std::move(id); }
  void assign_user(std::string user) { identity_.user = std::move(user); }
  [[nodiscard]] Result<void> open_control(const std::filesystem::path& run_directory);
  void close_control(bool keep_directory);
  [[nodiscard]] OneShot<Result<void>>& hello() noexcept { return hello_; }
  [[nodiscard]] OneShot<Result<void>>& settled() noexcept { return settled_; }
  [[nodiscard]] OneShot<Ending>& ending() noexcept { return ending_; }

 private:
  void on_message(protocol::Message message);
  void on_attempt(protocol::Attempt attempt);
  void lose_everything();

  boost::asio::any_io_executor executor_;
  Identity identity_;
  State state_ = State::planned;
  std::string container_id_;
  std::optional<ControlDirectory> directory_;
  std::shared_ptr<ControlChannel> channel_;
  OneShot<Result<void>> hello_;    ///< the streamer connected, or never will
  OneShot<Result<void>> settled_;  ///< ready to serve, or failed
  OneShot<Ending> ending_;
  OneShot<bool> gone_;
  protocol::RequestId next_request_ = 1;
  std::map<protocol::RequestId, std::shared_ptr<PendingAnswer>> answers_;
  std::map<protocol::RequestId, std::shared_ptr<PendingIndex>> indexes_;
  std::uint64_t index_progress_ = 0;
  std::optional<protocol::RequestId> verifying_;
  std::vector<protocol::Attempt> attempts_;
};

}  // namespace carrel::sandbox
