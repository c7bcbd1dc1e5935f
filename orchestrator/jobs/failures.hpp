#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace carrel::jobs {

struct FailurePauses {
  std::chrono::seconds verdict{3600};  ///< on the film: the same film gets the same again
  std::chrono::seconds first{30};  ///< after what may go well another time; each further failure doubles it
  std::chrono::seconds longest{600};
};

/// What could not be made, and may not be tried again yet. Bounded; no clock of its own.
class Failures {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Failures(FailurePauses pauses) : pauses_(pauses) {}

  /// ErrorKind::invalid is the film's fault. What says ErrorKind::busy was not tried, and is not noted.
  void note(const std::string& key, const Error& error, Clock::time_point now);
  void made(const std::string& key) { failures_.erase(key); }

  /// Empty: it may be tried. Else as told().
  [[nodiscard]] std::optional<Error> standing(const std::string& key, Clock::time_point now) const;

  /// As it is told to who asked. ErrorKind::not_found: there can be none. ErrorKind::busy: another time.
  [[nodiscard]] static Error told(const Error& error);

 private:
  struct Failure {
    Error error;
    Clock::time_point until;
    std::chrono::seconds pause{0};
  };

  FailurePauses pauses_;
  std::map<std::string, Failure, std::less<>> failures_;
};

}  // namespace carrel::jobs
