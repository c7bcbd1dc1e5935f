#include "orchestrator/sandbox/explain.hpp"

#include <algorithm>

namespace carrel::sandbox {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;

std::string duration(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 2 * kMinute) return std::to_string(seconds) + " s";
  if (seconds < 2 * kHour) return std::to_string(seconds / kMinute) + " min";
  return std::to_string(seconds / kHour) + " h";
}

std::string because(const Facts& facts) {
  return in_words(facts.reason) + (facts.detail.empty() ? "" : " (" + facts.detail + ")");
}

std::string count_of_answers(std::size_t answers) {
  return answers == 1 ? "one answer" : std::to_string(answers) + " answers";
}

Explanation gone(const Facts& facts) {
  Explanation why;
  why.goes_at = facts.touched_at;
  why.remover = "carreld has removed it";
  why.text = {"It is gone: " + because(facts) + ".", "carreld has removed its container."};
  return why;
}

Explanation going(const Facts& facts, std::int64_t now) {
  Explanation why;
  why.goes_at = now;
  why.remover = "carreld, as soon as the engine has removed its container";
  why.text = {"It is on its way out: " + because(facts) + "."};
  return why;
}

Explanation of_earlier_release() {
  Explanation why;
  why.lives_because = "it may still be sending what carreld asked it for before it was upgraded";
  why.remover = "itself, when it has sent that; carreld, when its session ends";
  why.text = {
      "It lives because " + why.lives_because + ".",
      "It is of another release, so nothing new is asked of it; a minute after its last answer it leaves.",
      "carrelctl gc --force removes it at once."};
  return why;
}

Explanation of_converter() {
  Explanation why;
  why.lives_because = "it makes pictures of a film, or its picture anew";
  why.remover = "carreld, when its work is done";
  why.text = {"It lives because " + why.lives_because + ".",
              "It goes when that is made, when its job is cancelled, or when it makes no progress for "
              "converter.stall."};
  return why;
}

Explanation of_helper(const Facts& facts) {
  Explanation why;
  if (facts.role == Role::converter) return of_converter();
  const bool indexes = facts.role == Role::worker;
  why.lives_because = indexes ? "it indexes a film" : "it tries to get out, to prove that it cannot";
  why.remover = "carreld, when its work is done";
  why.text = {"It lives because " + why.lives_because + ".",
              indexes
                  ? "It goes when the film is indexed, or when it makes no progress for library.index_stall."
                  : "It goes when it has tried everything."};
  return why;
}

Explanation of_warm(const Facts& facts) {
  Explanation why;
  const bool ready = facts.state == State::ready;
  why.lives_because = ready ? "it waits in the pool for the next login" : "it is being made for the pool";
  why.remover = "carreld, when the pool is drained or made smaller";
  why.text = {"It lives because " + why.lives_because + ".",
              "It stays until a login claims it, until the pool is drained or made smaller, until the image "
              "changes, or until somebody without a place needs its place."};
  return why;
}

std::string why_of_session(const Facts& facts) {
  const std::string whose = "the session of " + facts.user;
  if (facts.state == State::paused) return whose + " lives; it is paused, and the next play resumes it";
  if (facts.state != State::assigned) return "it is being made for " + whose;
  if (facts.answers > 0) return whose + " is being sent " + count_of_answers(facts.answers);
  return whose + " lives; it is sent nothing just now";
}

Explanation of_session(const Facts& facts, const IdlePolicy& idle, std::int64_t now) {
  Explanation why;
  why.lives_because = why_of_session(facts);
  why.text = {"It lives because " + why.lives_because + "."};
  why.text.push_back("What touched it last, " + duration(now - facts.touched_at) + " ago: it " +
                     (facts.touched_what.starts_with("its ") ? "saw that " : "") + facts.touched_what + ".");
  if (facts.stop_at) {
    why.goes_at = facts.stop_at;
    why.remover = "carreld, because an administrator asked for it";
    why.text.push_back("An administrator stops it: once its answers are out, and in " +
                       duration(*facts.stop_at - now) + " at the latest.");
    return why;
  }
  const std::int64_t idle_end = facts.touched_at + idle.stop_after.count();
  why.goes_at = idle_end;
  why.remover = "carreld, when nobody has used it for sandbox.idle_stop";
  if (facts.session_ends_at && *facts.session_ends_at < idle_end) {
    why.goes_at = facts.session_ends_at;
    why.remover = "carreld, at the end of its session";
  }
  if (idle.pause_after.count() > 0 && facts.state == State::assigned) {
    why.text.push_back("It is paused when nobody has used it for " + duration(idle.pause_after.count()) +
                       " (sandbox.idle_pause).");
  }
  why.text.push_back("Unless it is used again it goes in " + duration(*why.goes_at - now) +
                     ", and at once when its session ends; carreld removes it.");
  return why;
}

}  // namespace

std::string in_words(Reason reason) {
  switch (reason) {
    case Reason::none: return "nobody wrote down why";
    case Reason::oom: return "it ran out of memory";
    case Reason::exited: return "its streamer ended by itself";
    case Reason::signalled: return "its streamer was killed by a signal";
    case Reason::unresponsive: return "it did not do what it was asked";
    case Reason::create_failed: return "it could not be started";
    case Reason::engine_lost: return "the container engine lost it";
    case Reason::idle: return "nobody used it";
    case Reason::logout: return "its session logged out";
    case Reason::expired: return "its session expired";
    case Reason::admin: return "an administrator ended it";
    case Reason::shutdown: return "it was left over";
    case Reason::outdated: return "it waited with an image that is not the current one";
    case Reason::done: return "its work was done";
  }
  return "nobody wrote down why";
}

Explanation explain(const Facts& facts, const IdlePolicy& idle, std::int64_t now) {
  if (facts.left_to_end) return of_earlier_release();
  if (facts.state == State::removed) return gone(facts);
  const bool ends = facts.reason != Reason::none || facts.state == State::stopping;
  if (ends || facts.state == State::failed) return going(facts, now);
  if (facts.role != Role::streamer) return of_helper(facts);
  return facts.user.empty() ? of_warm(facts) : of_session(facts, idle, now);
}

}  // namespace carrel::sandbox
