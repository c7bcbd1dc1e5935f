#include "orchestrator/sandbox/lifecycle.hpp"

#include <array>
#include <utility>

namespace carrel::sandbox {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 9> kStates{{
    {State::planned, "planned"},
    {State::creating, "creating"},
    {State::starting, "starting"},
    {State::ready, "ready"},
    {State::assigned, "assigned"},
    {State::paused, "paused"},
    {State::stopping, "stopping"},
    {State::removed, "removed"},
    {State::failed, "failed"},
}};

// 128 + SIGKILL etc.: how the engine reports a death by signal.
constexpr int kSignalExitBase = 128;

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::streamer: return "streamer";
    case Role::worker: return "worker";
    case Role::converter: return "converter";
    case Role::verifier: return "verifier";
    case Role::holder: return "holder";
  }
  return "unknown";
}

std::string_view to_string(State state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

Role parse_role(std::string_view text) {
  for (const Role role : {Role::worker, Role::converter, Role::verifier, Role::holder}) {
    if (text == to_string(role)) return role;
  }
  return Role::streamer;
}

std::optional<State> parse_state(std::string_view text) {
  for (const auto& [value, name] : kStates) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::none: return "none";
    case Reason::oom: return "oom";
    case Reason::exited: return "exit";
    case Reason::signalled: return "signal";
    case Reason::unresponsive: return "unresponsive";
    case Reason::create_failed: return "create_failed";
    case Reason::engine_lost: return "engine_lost";
    case Reason::idle: return "idle";
    case Reason::logout: return "logout";
    case Reason::expired: return "expired";
    case Reason::admin: return "admin";
    case Reason::shutdown: return "shutdown";
    case Reason::outdated: return "outdated";
    case Reason::done: return "done";
  }
  return "unknown";
}

bool may_follow(State from, State to) {
  if (from == State::removed) return false;
  if (to == State::failed) return from != State::failed && from != State::stopping;
  if (from == State::failed) return to == State::stopping || to == State::removed;
  if (from == State::paused && to == State::assigned) return true;
  return static_cast<int>(to) > static_cast<int>(from);
}

bool is_crash(Reason reason) {
  return reason == Reason::oom || reason == Reason::exited || reason == Reason::signalled ||
         reason == Reason::unresponsive;
}

Reason classify_exit(bool oom_killed, int exit_code) {
  if (oom_killed) return Reason::oom;
  return exit_code > kSignalExitBase ? Reason::signalled : Reason::exited;
}

}  // namespace carrel::sandbox
