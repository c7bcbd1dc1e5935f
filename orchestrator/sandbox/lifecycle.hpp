#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// The life of a sandbox as data: which state may follow which, and why one ended. No clock, socket or engine
/// here.
namespace carrel::sandbox {

enum class Role {
  streamer,
  worker,     ///< indexes one film
  converter,  ///< makes pictures of one film, or its picture anew; a program and an image of its own
  verifier,   ///< tries to get out, see Sandboxes::verify()
  holder,     ///< of the empty network namespace that the others join
};

enum class State { planned, creating, starting, ready, assigned, paused, stopping, removed, failed };

/// Those that a sandbox can be found in; a removed one is not found.
inline constexpr std::array kLivingStates{State::planned,  State::creating, State::starting, State::ready,
                                          State::assigned, State::paused,   State::stopping, State::failed};

enum class Reason {
  none,
  oom,            ///< the kernel killed it for memory
  exited,         ///< it ended by itself
  signalled,      ///< it was killed from outside, or by its own jail
  unresponsive,   ///< it is alive and does not do what it was asked
  create_failed,  ///< the engine refused to create or start it, or it never said hello
  engine_lost,    ///< it vanished together with the engine's knowledge of it
  idle,
  logout,
  expired,
  admin,
  shutdown,
  outdated,  ///< it waited in the pool with an image that is not the current one
  done,      ///< a worker that did its work
};

[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::string_view to_string(Reason reason);
/// Anything unknown is a streamer: one that nobody claims is removed.
[[nodiscard]] Role parse_role(std::string_view text);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

/// Forward only, but for a paused one that is resumed; `failed` can follow every state but `removed`, and
/// only `stopping` or `removed` follow it.
[[nodiscard]] bool may_follow(State from, State to);

/// Why a container is dead, from what the engine says of it (Docker API: State.OOMKilled, State.ExitCode).
[[nodiscard]] Reason classify_exit(bool oom_killed, int exit_code);

/// The sandbox itself broke down; neither its viewer nor the daemon wanted it gone.
[[nodiscard]] bool is_crash(Reason reason);

}  // namespace carrel::sandbox
