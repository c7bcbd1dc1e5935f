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
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/journal.hpp"
#include "orchestrator/sandbox/sandbox.hpp"

namespace carrel::sandbox {

struct SandboxesOptions {
  std::string instance;
  ContainerLimits limits;
  std::filesystem::path run_directory;  ///< one control directory per sandbox below it; mode 0700
  std::size_t max_total = 0;
  std::size_t max_answers = 0;  ///< per sandbox
  std::size_t pool_size = 0;
  std::chrono::seconds ready_timeout{20};
  std::chrono::seconds index_stall{30};
};

/// What others want to hear of sandboxes (log, metrics). Called on the I/O thread; must not block.
struct Observer {
  std::function<void(const Identity&, State, Reason, const std::string& detail)> on_state;
  std::function<void(double seconds)> on_ready;  ///< from planned to ready
};

/// Who asks for a sandbox.
struct Claim {
  std::string session;
  std::string user;
};

/// What one attempt to get out of a sandbox came to.
struct VerifyLine {
  std::string attempt;
  std::string expected;
  std::string outcome;
  bool ok = false;
};

/// Owns every sandbox of this instance: one per session, one per film that is being indexed, some warm ones.
/// I/O thread only; must outlive the io_context's last handler.
class Sandboxes {
 public:
  Sandboxes(boost::asio::any_io_executor executor, Engine& engine, Journal& journal, SandboxesOptions options,
            Observer observer);

  /// At start: takes over what an earlier daemon left alive for a session that still lives, removes the rest,
  /// and begins to listen to the engine's events. Fails when the engine cannot be asked; call again later
  /// then.
  boost::asio::awaitable<Result<void>> adopt(std::function<bool(const std::string& session)> session_lives);

  /// A session id to log in with: that of a warm sandbox when one is free, else a new one.
  /// Not offered again until prepare() or take_back() with it.
  [[nodiscard]] std::string propose_session();
  void take_back(const std::string& session) { offered_.erase(session); }

  /// Begins to make the session's sandbox (or claims the warm one); does not wait. Does nothing when
  /// max_total live; ready_for() tells.
  void prepare(const Claim& claim);

  /// The session's sandbox, ready; made when there is none. Waits for at most ready_timeout.
  /// ErrorKind::busy: max_total sandboxes live, those not counted that end. ErrorKind::unavailable, timeout:
  /// the engine.
  boost::asio::awaitable<Result<std::shared_ptr<Sandbox>>> ready_for(Claim claim);

  void end_session(const std::string& session, Reason reason);

  /// Indexes one film in a worker of its own. Ends with ErrorKind::timeout when the worker makes no progress
  /// for index_stall, with ErrorKind::unavailable when it died.
  boost::asio::awaitable<Result<protocol::Indexed>> index(UniqueFd film, UniqueFd index,
                                                          std::string extension);

  /// Makes a sandbox like any other, in which the harmless part of tests/captive is tried, and removes it. A
  /// line for each attempt, the good ones too. ErrorKind::busy: no room; timeout, unavailable: it could not
  /// be started, or broke off.
  boost::asio::awaitable<Result<std::vector<VerifyLine>>> verify();

  /// Removes every container of this instance, whoever made it, and forgets them in the journal.
  boost::asio::awaitable<Result<std::size_t>> remove_all();

  /// Ends what the engine does not run any more, and removes what runs and is nobody's. For a timer.
  boost::asio::awaitable<void> compare_with_engine();

  /// Leaves the containers alive for the next daemon, which finds them by label; drops the connections.
  void leave();

  [[nodiscard]] std::size_t max_answers() const noexcept { return options_.max_answers; }
  [[nodiscard]] std::vector<std::shared_ptr<const Sandbox>> living() const;
  [[nodiscard]] std::shared_ptr<Sandbox> of_session(std::string_view session) const;

  /// The engine told that it is adopted and usable; for /readyz.
  [[nodiscard]] bool adopted() const noexcept { return adopted_.is_set(); }

 private:
  std::shared_ptr<Sandbox> launch(Identity identity, std::string existing_container);
  boost::asio::awaitable<void> live(std::shared_ptr<Sandbox> sandbox);
  boost::asio::awaitable<void> note_assigned(std::shared_ptr<Sandbox> sandbox);
  boost::asio::awaitable<Result<void>> bring_up(std::shared_ptr<Sandbox> sandbox);
  boost::asio::awaitable<Result<void>> create_container(std::shared_ptr<Sandbox> sandbox);
  boost::asio::awaitable<void> bring_down(std::shared_ptr<Sandbox> sandbox, Ending ending);
  boost::asio::awaitable<Ending> ask_engine_why(std::shared_ptr<Sandbox> sandbox, Ending ending);
  boost::asio::awaitable<Result<void>> step(std::shared_ptr<Sandbox> sandbox, State state, Ending ending);
  boost::asio::awaitable<Result<protocol::Indexed>> index_in(std::shared_ptr<Sandbox> worker, UniqueFd film,
                                                             UniqueFd index, std::string extension);
  boost::asio::awaitable<Result<std::vector<VerifyLine>>> verify_in(std::shared_ptr<Sandbox> verifier);
  boost::asio::awaitable<Result<void>> remove_left_over(Identity identity, std::string container);
  void check_all();
  void on_engine_event(const EngineEvent& event);
  void refill_pool();
  void give_up_a_warm_one();
  [[nodiscard]] Result<void> room() const;
  [[nodiscard]] Identity new_identity(Role role, std::string session, std::string user) const;

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  Journal& journal_;
  SandboxesOptions options_;
  Observer observer_;
  std::map<std::string, std::shared_ptr<Sandbox>, std::less<>> living_;  ///< by sandbox id
  std::map<std::string, std::shared_ptr<Sandbox>, std::less<>>
      by_session_;                                                     ///< claimed ones, ended ones no more
  std::map<std::string, std::shared_ptr<Sandbox>, std::less<>> warm_;  ///< by the session id they wait for
  std::set<std::string, std::less<>> offered_;  ///< warm ones that a login may be about to claim
  std::unique_ptr<Engine::Subscription> events_;
  OneShot<bool> adopted_;  ///< until then nobody gets a sandbox: an earlier daemon's may be theirs
  bool leaving_ = false;
};

}  // namespace carrel::sandbox
