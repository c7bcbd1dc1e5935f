#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/sandbox/idle.hpp"
#include "orchestrator/sandbox/lifecycle.hpp"

/// Why a sandbox lives, what touched it last, when it goes and who removes it, in words. Pure. Times are
/// seconds since 1970.
namespace carrel::sandbox {

struct Facts {
  Role role = Role::streamer;
  State state = State::planned;
  Reason reason = Reason::none;  ///< why it goes or went; none while nobody wants it gone
  std::string detail;            ///< to the reason
  std::string user;              ///< name; empty: nobody's, such as a warm one
  std::size_t answers = 0;       ///< under way
  bool left_to_end = false;      ///< of an earlier release: it sends what it is sending, and leaves
  std::int64_t touched_at = 0;
  std::string touched_what;
  std::optional<std::int64_t> stop_at{};          ///< an administrator stops it once its answers are out, at
                                                  ///< the latest then
  std::optional<std::int64_t> session_ends_at{};  ///< the session's absolute end
};

struct Explanation {
  std::vector<std::string> text;  ///< a sentence each
  std::string lives_because;      ///< empty: it does not live any more
  std::optional<std::int64_t> goes_at;
  std::string remover;
};

/// "it ran out of memory": what a reason means, as half a sentence.
[[nodiscard]] std::string in_words(Reason reason);

[[nodiscard]] Explanation explain(const Facts& facts, const IdlePolicy& idle, std::int64_t now);

}  // namespace carrel::sandbox
