#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/asio/gate.hpp"
#include "orchestrator/sandbox/available_memory.hpp"
#include "orchestrator/sandbox/backoff.hpp"
#include "orchestrator/sandbox/breaker.hpp"
#include "orchestrator/sandbox/budget.hpp"
#include "orchestrator/sandbox/claim.hpp"
#include "orchestrator/sandbox/cpu_burst.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/holder.hpp"
#include "orchestrator/sandbox/idle.hpp"
#include "orchestrator/sandbox/journal.hpp"
#include "orchestrator/sandbox/pacer.hpp"
#include "orchestrator/sandbox/sandbox.hpp"
#include "orchestrator/sandbox/waiting_line.hpp"

namespace carrel::sandbox {

struct SandboxesOptions {
  std::string instance;
  ContainerLimits limits;  ///< of workers, of warm ones, and of sessions that have none of their own
  std::filesystem::path run_directory;  ///< one control directory per sandbox below it; mode 0700
  std::size_t max_total = 0;
  std::size_t max_sessions = 0;  ///< that have one; 0: as many as there is room for
  std::size_t max_answers = 0;   ///< per sandbox, for sessions that have no limit of their own
  std::size_t pool_size = 0;
  std::size_t starts_at_once = 4;     ///< containers being created or started
  std::size_t line_length = 64;       ///< sessions that wait for a place
  std::chrono::seconds line_wait{5};  ///< so long one request waits; its place in the line is kept longer
  /// Told to one that waited in vain. Who has not asked for twice as long does not hold up those behind.
  std::chrono::seconds come_back{3};
  bool share_network = true;  ///< all join the namespace of one holder, which is faster than one each
  Budget budget;
  AvailableMemory memory{};
  std::uint64_t link_bandwidth = 0;  ///< bytes a second for all answers together; 0: no bound
  IdlePolicy idle;
  std::chrono::seconds reclaim_after{60};  ///< idle for so long, it gives its place to one that waits
  std::chrono::seconds ping_every{10};
  std::chrono::seconds hang_timeout{20};
  std::chrono::seconds ready_timeout{20};
  std::chrono::seconds index_stall{30};
  ContainerLimits
      converter;  ///< of those that make pictures; its `pids` and `open_files` are those of others
  std::chrono::seconds convert_stall{60};
  Breaker::Options breaker;
  Backoff::Options refills;  ///< of the pool and of the holder, when what they make does not live
};

/// One step of a sandbox's life.
struct Transition {
  const Sandbox& sandbox;
  State from;
  State to;
  Reason reason;
  const std::string& detail;
  double seconds;  ///< spent in `from`
};

/// What others want to hear of sandboxes (log, metrics, events). Called on the I/O thread; must not block.
struct Observer {
  std::function<void(const Transition&)> on_state;
  /// One of an earlier daemon, or of nobody, was removed.
  std::function<void(const Identity&, const std::string& why)> on_left_over;
  std::function<void(double seconds)> on_ready;    ///< from planned to ready
  std::function<void(double seconds)> on_claimed;  ///< from the question to the answer, when it was warm
  std::function<void(const Sandbox&, std::chrono::seconds left)> on_warning;  ///< it will be stopped as idle
  std::function<void(const Claim&, std::size_t position)> on_waiting;         ///< in the line
  std::function<void(std::uint64_t bytes)> on_acknowledged;
  /// A client reads on what the daemon before began to send it.
  std::function<void(const std::string& session)> on_earlier_progress;
};

struct PoolState {
  std::size_t size = 0;  ///< wanted
  std::size_t ready = 0;
  std::size_t starting = 0;
};

/// A container that is nobody's.
struct LeftOver {
  std::string container;
  std::string sandbox;
  std::string reason;
  bool removed = false;
};

/// What one attempt to get out of a sandbox came to.
struct VerifyLine {
  std::string attempt;
  std::string expected;
  std::string outcome;
  bool ok = false;
};

/// The way to end a conversion before it is done: it ends with ErrorKind::conflict then. I/O thread only.
class Cancellation {
 public:
  void cancel();
  [[nodiscard]] bool asked() const noexcept { return asked_; }

 private:
  friend class Sandboxes;
  bool asked_ = false;
  std::weak_ptr<Sandbox> converter_;
};

/// A picture to be made anew. The files are as protocol::Convert has them.
struct Conversion {
  UniqueFd film, index, media, variant_index, checkpoint;
  protocol::Convert request;
  std::chrono::microseconds duration{0};  ///< of the film: it bounds time and bytes
  std::function<void(std::uint64_t done_us)> on_progress{};
  std::shared_ptr<Cancellation> cancellation{};  ///< may be null
};

/// Owns every sandbox of this instance: one per session, one per film that is being indexed, some warm ones.
/// I/O thread only; must outlive the io_context's last handler.
class Sandboxes {
 public:
  Sandboxes(boost::asio::any_io_executor executor, Engine& engine, Journal& journal, SandboxesOptions options,
            Observer observer);

  /// Told of each change of a CPU limit; before the first one. Must live as long as the io_context runs.
  void use_burst(CpuBurst& burst) { burst_ = &burst; }

  /// At start: takes over what an earlier daemon left alive for a session that still lives (`claim_of` knows
  /// it), removes the rest, and begins to listen to the engine's events. Fails when the engine cannot be
  /// asked; call again later then.
  boost::asio::awaitable<Result<void>> adopt(
      std::function<std::optional<Claim>(const std::string& session)> claim_of);

  /// A session id to log in with: that of a warm sandbox when one is free, else a new one.
  /// Not offered again until prepare() or take_back() with it.
  [[nodiscard]] std::string propose_session();
  void take_back(const std::string& session) { offered_.erase(session); }

  /// Begins to make the session's sandbox (or claims the warm one); does not wait. Does nothing when there is
  /// no place; ready_for() tells.
  void prepare(const Claim& claim);

  /// The session's sandbox, ready and running; made when there is none. Waits in the line for at most
  /// line_wait, then for at most ready_timeout. Refusal::Why::full: no place, with the position in the line;
  /// user_crashes: this user's sandboxes break down in a loop; failed (ErrorKind::unavailable, timeout): the
  /// engine.
  boost::asio::awaitable<Granted<std::shared_ptr<Sandbox>>> ready_for(Claim claim);

  /// The film's sandboxes break down in a loop: it is not tried for so long.
  [[nodiscard]] std::optional<Breaker::Open> film_broken(const Claim& claim, const std::string& film) const;

  /// A client acknowledged bytes of an answer.
  void note_acknowledged(Sandbox& sandbox, std::uint64_t bytes);

  void end_session(const std::string& session, Reason reason);

  /// Indexes one film in a worker of its own: `files` are the film, its index to be (empty, writable) and
  /// those of request.sidecars. Ends with ErrorKind::timeout when the worker makes no progress for
  /// index_stall, with ErrorKind::unavailable when it died.
  boost::asio::awaitable<Result<protocol::Indexed>> index(std::vector<UniqueFd> files,
                                                          protocol::Index request);

  /// Makes the pictures that `request` names in a converter of its own, as one JPEG in `out` (empty,
  /// writable). A film of which nothing can be shown is a result, see protocol::PicturesMade.
  /// ErrorKind::busy: no room, or it could not be started; timeout: it took too long; unavailable: it died.
  boost::asio::awaitable<Result<protocol::PicturesMade>> pictures(UniqueFd film, UniqueFd index, UniqueFd out,
                                                                  protocol::Pictures request);

  /// Makes a film's picture anew in a converter of its own. What it left in `media` and `checkpoint` when it
  /// did not come to its end is gone on with by the next one. Errors as of pictures(), and conflict:
  /// cancelled. Its container is gone when this ends.
  boost::asio::awaitable<Result<protocol::Converted>> convert(Conversion conversion);

  /// Makes a sandbox like any other, in which the harmless part of tests/captive is tried, and removes it. A
  /// line for each attempt, the good ones too. ErrorKind::busy: no room; timeout, unavailable: it could not
  /// be started, or broke off.
  boost::asio::awaitable<Result<std::vector<VerifyLine>>> verify();

  /// Removes every container of this instance, whoever made it, and forgets them in the journal.
  boost::asio::awaitable<Result<std::size_t>> remove_all();

  /// Ends what the engine does not run any more, and removes what runs and is nobody's. For a timer.
  boost::asio::awaitable<void> compare_with_engine();

  /// So old a container must be before it is taken for left over: younger ones may be on their way.
  static constexpr std::chrono::seconds kLeftOverGrace{30};

  /// What is nobody's, and whether it could be removed; `dry_run` only looks. Containers younger than
  /// `grace` are left alone.
  boost::asio::awaitable<Result<std::vector<LeftOver>>> collect_left_over(bool dry_run,
                                                                          std::chrono::seconds grace);

  /// No sandbox is started for as long as there is a reason not to; empty: there is none any more.
  void shed(std::string why);

  /// Pings, steps down the idle ladder, keeps the pool and the holder. For a timer, every second.
  void tend();

  // What an administrator may do. Ids are those of sandboxes. ErrorKind::not_found: no such sandbox lives.
  // ErrorKind::conflict: its state does not allow this.
  /// Once its answers are out, or after `patience`.
  Result<void> stop(const std::string& id, std::chrono::seconds patience);
  Result<void> kill(const std::string& id);
  boost::asio::awaitable<Result<void>> pause(std::string id);
  boost::asio::awaitable<Result<void>> resume(std::string id);
  /// Takes effect at once, on answers under way too. When the engine refuses, what held before holds again,
  /// unless somebody changed it meanwhile.
  boost::asio::awaitable<Result<void>> limit(std::string id, SessionLimits limits);
  /// Of the session's sandbox, if it has one. Memory and CPUs that the engine refuses stay as they were.
  void limit_session(const std::string& session, const SessionLimits& wanted);
  [[nodiscard]] PoolState pool() const;
  void resize_pool(std::size_t size);
  /// Ends the warm ones, which are made anew; says how many.
  std::size_t drain_pool(Reason reason);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] Pacer& pacer() noexcept { return pacer_; }
  [[nodiscard]] const SandboxesOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t waiting() { return line_.size(std::chrono::steady_clock::now()); }
  [[nodiscard]] std::size_t breakers_open() const;
  /// By all clients, since this daemon was started.
  [[nodiscard]] std::uint64_t bytes_acknowledged() const noexcept { return acknowledged_; }

  /// Leaves the containers alive for the next daemon, which finds them by label; drops the connections.
  void leave();

  [[nodiscard]] std::vector<std::shared_ptr<const Sandbox>> living() const;
  [[nodiscard]] std::shared_ptr<Sandbox> of_session(std::string_view session) const;
  [[nodiscard]] std::shared_ptr<Sandbox> by_id(std::string_view id) const;

  /// The engine told that it is adopted and usable; for /readyz.
  /// One of an earlier release, which leaves when it has sent what it is sending.
  [[nodiscard]] bool left_to_end(const std::string& id) const { return left_to_end_.contains(id); }

  [[nodiscard]] bool adopted() const noexcept { return adopted_.is_set(); }

 private:
  using Clock = std::chrono::steady_clock;
  using Living = std::shared_ptr<Sandbox>;

  Living launch(Identity identity, std::string existing_container, const SessionLimits& limits);
  boost::asio::awaitable<void> live(Living sandbox);
  boost::asio::awaitable<void> note_assigned(Living sandbox);
  boost::asio::awaitable<void> claim_warm(Living sandbox);
  boost::asio::awaitable<Result<void>> bring_up(Living sandbox);
  boost::asio::awaitable<Result<void>> create_container(Living sandbox);
  boost::asio::awaitable<Result<void>> create_and_start(Living sandbox, ContainerSpec spec);
  boost::asio::awaitable<Result<void>> start_alone(Living sandbox, ContainerSpec spec);
  boost::asio::awaitable<Result<std::string>> current_image();
  boost::asio::awaitable<Result<std::string>> converter_image();
  boost::asio::awaitable<Result<std::string>> image_for(Role role);
  boost::asio::awaitable<void> bring_down(Living sandbox, Ending ending);
  boost::asio::awaitable<Ending> ask_engine_why(Living sandbox, Ending ending);
  boost::asio::awaitable<Result<void>> step(Living sandbox, State state, Ending ending);
  boost::asio::awaitable<Result<protocol::Indexed>> index_in(Living worker, std::vector<UniqueFd> files,
                                                             protocol::Index request);
  [[nodiscard]] Result<Living> launch_converter(std::uint64_t max_file_bytes);
  boost::asio::awaitable<Result<void>> started(Living converter);
  boost::asio::awaitable<Result<void>> leave_converter(Living converter, bool failed);
  boost::asio::awaitable<Result<protocol::PicturesMade>> pictures_in(
      Living converter, std::shared_ptr<const std::vector<UniqueFd>> files, protocol::Pictures request);
  boost::asio::awaitable<Result<protocol::Converted>> convert_in(Living converter,
                                                                 std::shared_ptr<Conversion> conversion);
  boost::asio::awaitable<Result<std::vector<VerifyLine>>> verify_in(Living verifier);
  boost::asio::awaitable<Result<void>> remove_left_over(Identity identity, std::string container,
                                                        std::string why);
  [[nodiscard]] std::set<std::string> living_ids() const;
  [[nodiscard]] bool is_usable_holder(const ContainerState& container, const Identity& identity) const;
  /// One of an earlier release speaks another protocol. It ends what it is sending and leaves, as nobody
  /// takes it over.
  [[nodiscard]] bool ends_by_itself(const ContainerState& container, const Identity& identity) const;
  void take_over(const Claim& claim, const ContainerState& container, Identity identity);
  void check_all();
  void on_engine_event(const EngineEvent& event);
  void note_crash(const Sandbox& sandbox, const Ending& why);
  // The waiting line.
  boost::asio::awaitable<Granted<Living>> wait_in_line(Claim claim, Clock::time_point deadline,
                                                       std::shared_ptr<const bool> ended);
  [[nodiscard]] std::shared_ptr<const bool> watch_for_end(const std::string& session);
  [[nodiscard]] Result<void> place_for(const Claim& claim);
  [[nodiscard]] Result<void> one_more_session() const;
  /// As one_more_session(), once an idle one was asked to go.
  [[nodiscard]] Result<void> make_way();
  [[nodiscard]] bool may_claim_warm(const Claim& claim);
  /// What the living are promised, and how many there are of them.
  struct Census {
    Promised promised;
    std::size_t ending = 0;  ///< those are promised nothing any more
  };
  [[nodiscard]] Census count_living() const;
  [[nodiscard]] Result<void> room(const SessionLimits& newcomer) { return room(newcomer, count_living()); }
  [[nodiscard]] Result<void> room(const SessionLimits& newcomer, const Census& census);
  [[nodiscard]] Refusal refusal_for(const SessionLimits& newcomer, std::optional<std::size_t> position);
  void note_change();
  void give_up_a_warm_one();
  void reclaim_an_idle_one();
  // Tending.
  void tend_one(const Living& sandbox, Clock::time_point now);
  void tend_idle(const Living& sandbox, Clock::time_point now);
  boost::asio::awaitable<Result<void>> freeze(Living sandbox);
  boost::asio::awaitable<Result<void>> thaw(Living sandbox);
  boost::asio::awaitable<void> freeze_idle(Living sandbox);
  boost::asio::awaitable<void> thaw_for_reader(Living sandbox);
  boost::asio::awaitable<void> look_at_image();
  boost::asio::awaitable<void> keep_holder();
  void limits_changed(const Living& sandbox);
  boost::asio::awaitable<void> limit_taken_over(Living sandbox, SessionLimits limits);
  boost::asio::awaitable<Result<void>> send_limits(Living sandbox, SessionLimits wanted);
  boost::asio::awaitable<void> apply_session_limits(Living sandbox, SessionLimits wanted);
  void refill_pool();
  std::size_t drain_outdated();
  [[nodiscard]] SessionLimits limits_of(const Claim& claim) const;
  [[nodiscard]] SessionLimits with_defaults(SessionLimits limits) const;
  [[nodiscard]] Identity new_identity(Role role, std::string session, std::string user) const;

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  Journal& journal_;
  SandboxesOptions options_;
  std::string shedding_;  ///< why no sandbox is started
  Observer observer_;
  std::map<std::string, Living, std::less<>> living_;      ///< by sandbox id
  std::map<std::string, Living, std::less<>> by_session_;  ///< claimed ones, ended ones no more
  std::map<std::string, Living, std::less<>> warm_;        ///< by the session id they wait for
  std::set<std::string, std::less<>> offered_;             ///< warm ones that a login may be about to claim
  std::map<std::string, std::weak_ptr<bool>, std::less<>> asking_;  ///< by session; true once it has ended
  std::unique_ptr<Engine::Subscription> events_;
  std::function<std::optional<Claim>(const std::string& session)> claim_of_;  ///< from adopt() on
  std::map<std::string, std::string> left_to_end_;  ///< sandboxes of an earlier release, and their sessions
  OneShot<bool> adopted_;  ///< until then nobody gets a sandbox: an earlier daemon's may be theirs
  bool leaving_ = false;
  Holder holder_;
  Gate starts_;
  Pacer pacer_;
  WaitingLine line_;
  std::shared_ptr<OneShot<bool>> changed_;
  Breaker users_, films_;
  std::string image_;             ///< digest of the current one; empty: not known
  Clock::time_point image_seen_;  ///< the epoch: look again before the next one is made
  bool looking_at_image_ = false;
  Backoff refills_;  ///< warm ones that do not live are not made every second
  CpuBurst* burst_ = nullptr;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace carrel::sandbox
