#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/lib/asio/gate.hpp"
#include "orchestrator/lib/asio/one_shot.hpp"
#include "orchestrator/sandbox/claim.hpp"
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
using PendingPictures = OneShot<std::optional<protocol::PicturesMade>>;
using PendingConversion = OneShot<std::optional<protocol::Converted>>;

/// The last sign that somebody uses a sandbox.
struct Touch {
  std::chrono::steady_clock::time_point when = std::chrono::steady_clock::now();
  std::int64_t at = unix_now();
  std::string what = "made";
};

/// One container as the daemon knows it. Its life is driven by Sandboxes; others may only ask it to serve and
/// ask for its end. I/O thread only.
class Sandbox : public std::enable_shared_from_this<Sandbox> {
 public:
  Sandbox(boost::asio::any_io_executor executor, Identity identity, SessionLimits limits);

  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  /// When it came into that state.
  [[nodiscard]] std::chrono::steady_clock::time_point entered() const noexcept { return entered_; }
  [[nodiscard]] const std::string& container_id() const noexcept { return container_id_; }

  [[nodiscard]] const std::string& image() const noexcept { return image_; }
  [[nodiscard]] const SessionLimits& limits() const noexcept { return limits_; }
  [[nodiscard]] std::int64_t created_at() const noexcept { return created_at_; }
  [[nodiscard]] std::int64_t ready_at() const noexcept { return ready_at_; }  ///< 0: not yet
  [[nodiscard]] const Touch& last_touch() const noexcept { return touch_; }
  /// Those that run, with what an earlier daemon asked for.
  [[nodiscard]] std::size_t answers() const noexcept { return answers_.size() + earlier_.transfers; }
  [[nodiscard]] std::uint64_t bytes_acknowledged() const noexcept { return acknowledged_; }
  [[nodiscard]] const OneShot<Ending>& ending() const noexcept { return ending_; }

  /// Hands one request for `film` over (the descriptors stay the caller's). The id of `message` is set here.
  /// ErrorKind::unavailable: lost already. ErrorKind::busy: limits().streams answers are running.
  [[nodiscard]] Result<std::shared_ptr<PendingAnswer>> serve(protocol::Serve message, std::string film,
                                                             std::span<const int> descriptors);
  [[nodiscard]] Result<std::shared_ptr<PendingIndex>> index(protocol::Index message,
                                                            std::span<const int> descriptors);

  /// Asks a verifying sandbox for its attempts; they are all there once ending() is set.
  [[nodiscard]] Result<void> verify(std::span<const int> descriptors);
  [[nodiscard]] const std::vector<protocol::Attempt>& attempts() const noexcept { return attempts_; }

  /// To a converter, which takes one job and ends.
  [[nodiscard]] Result<std::shared_ptr<PendingPictures>> pictures(protocol::Pictures message,
                                                                  std::span<const int> descriptors);
  [[nodiscard]] Result<std::shared_ptr<PendingConversion>> convert(protocol::Convert message,
                                                                   std::span<const int> descriptors);
  /// Microseconds of film that the converter says it has made.
  [[nodiscard]] std::uint64_t convert_progress() const noexcept { return convert_progress_; }
  std::function<void(std::uint64_t done_us)> on_convert_progress;  ///< must not block

  /// Bytes of film that the worker says it has read; grows while it makes progress.
  [[nodiscard]] std::uint64_t index_progress() const noexcept { return index_progress_; }

  /// Set once its container is gone from the engine.
  [[nodiscard]] OneShot<bool>& gone() noexcept { return gone_; }

  /// Asks for the end of this sandbox; the first reason stays.
  void end(Ending ending);

  /// Its process is gone, says the engine, which may be heard before what the process said last.
  void died(std::string detail);

  /// Somebody uses it.
  void touch(std::string what);
  void acknowledged(std::uint64_t bytes) noexcept { acknowledged_ += bytes; }

  // For Sandboxes, the owner of the life.
  void move_to(State state);
  /// It was made by an earlier daemon, for which it may still be sending answers.
  void expect_earlier_answers() noexcept { expects_earlier_ = true; }
  [[nodiscard]] bool sends_earlier_answers() const noexcept { return earlier_.transfers > 0; }
  /// Whether they went on since the last call.
  [[nodiscard]] bool take_earlier_progress() noexcept { return std::exchange(earlier_progress_, false); }
  void set_container(std::string id) { container_id_ = std::move(id); }
  std::int64_t max_file_bytes = 0;  ///< ContainerLimits::max_file_bytes
  void set_image(std::string image) { image_ = std::move(image); }
  void set_limits(const SessionLimits& limits) { limits_ = limits; }
  /// What holds once no change is under way; until then limits() is what was asked for last.
  [[nodiscard]] const SessionLimits& limits_held() const noexcept { return limits_held_; }
  void engine_took(const SessionLimits& limits) {
    limits_held_.memory_bytes = limits.memory_bytes;
    limits_held_.cpus = limits.cpus;
  }
  void daemon_took(const SessionLimits& limits) {
    limits_held_.streams = limits.streams;
    limits_held_.bandwidth = limits.bandwidth;
  }
  std::size_t limits_changing = 0;  ///< changes under way
  /// Whose turn it is to tell the engine.
  [[nodiscard]] Gate& limit_changes() noexcept { return limit_changes_; }
  void assign_user(std::string user);
  /// Asks the streamer whether it lives, unless it was asked and has not answered yet.
  void ping(std::chrono::steady_clock::time_point now);
  /// Since when it owes an answer to a ping; empty when it owes none.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> asked_since() const { return asked_; }
  [[nodiscard]] std::chrono::steady_clock::time_point last_pong() const { return last_pong_; }
  /// An answer to come is no reason to end a frozen one.
  void forget_ping() { asked_.reset(); }
  /// The films that it was sending when it was lost.
  [[nodiscard]] const std::set<std::string>& films_lost() const noexcept { return films_lost_; }
  bool warned = false;                ///< its viewer was told that it will be stopped
  bool freezing = false;              ///< a pause or resume is under way
  bool cannot_pause = false;          ///< the engine would not, since it was used last
  std::optional<Touch> stop_asked{};  ///< somebody wants it gone once its answers are out
  [[nodiscard]] Result<void> open_control(const std::filesystem::path& run_directory);
  void close_control(bool keep_directory);
  [[nodiscard]] OneShot<Result<void>>& hello() noexcept { return hello_; }
  [[nodiscard]] OneShot<Result<void>>& settled() noexcept { return settled_; }
  [[nodiscard]] OneShot<Ending>& ending() noexcept { return ending_; }

 private:
  void on_message(protocol::Message message);
  void on_attempt(protocol::Attempt attempt);
  void on_converter(protocol::Message message);
  void on_pong(const protocol::Pong& pong);
  void lose_everything();

  boost::asio::any_io_executor executor_;
  Identity identity_;
  State state_ = State::planned;
  std::chrono::steady_clock::time_point entered_ = std::chrono::steady_clock::now();
  std::string container_id_;
  std::string image_;
  SessionLimits limits_;
  SessionLimits limits_held_;
  Gate limit_changes_;
  std::int64_t created_at_ = unix_now();
  std::int64_t ready_at_ = 0;
  Touch touch_;
  std::uint64_t acknowledged_ = 0;
  std::optional<ControlDirectory> directory_;
  std::shared_ptr<ControlChannel> channel_;
  OneShot<Result<void>> hello_;    ///< the streamer connected, or never will
  OneShot<Result<void>> settled_;  ///< ready to serve, or failed
  OneShot<Ending> ending_;
  OneShot<bool> gone_;
  protocol::RequestId next_request_ = 1;
  protocol::RequestId last_ping_ = 0;
  struct Running {
    std::shared_ptr<PendingAnswer> pending;
    std::string film;
  };
  std::map<protocol::RequestId, Running> answers_;
  /// What runs for an earlier daemon, as the streamer says; it can only become less.
  struct Earlier {
    std::size_t transfers = 0;
    std::uint64_t bytes = 0;
  } earlier_;
  bool expects_earlier_ = false;
  bool earlier_progress_ = false;
  std::set<std::string> films_lost_;
  std::optional<std::chrono::steady_clock::time_point> asked_;
  std::chrono::steady_clock::time_point last_pong_ = std::chrono::steady_clock::now();
  std::map<protocol::RequestId, std::shared_ptr<PendingIndex>> indexes_;
  std::uint64_t index_progress_ = 0;
  std::map<protocol::RequestId, std::shared_ptr<PendingPictures>> pictures_;
  std::map<protocol::RequestId, std::shared_ptr<PendingConversion>> conversions_;
  std::uint64_t convert_progress_ = 0;
  std::optional<protocol::RequestId> verifying_;
  std::vector<protocol::Attempt> attempts_;
};

}  // namespace carrel::sandbox
