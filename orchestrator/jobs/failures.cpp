#include "orchestrator/jobs/failures.hpp"

#include <algorithm>

namespace carrel::jobs {
namespace {

constexpr std::size_t kMost = 10'000;

}  // namespace

void Failures::note(const std::string& key, const Error& error, Clock::time_point now) {
  if (error.kind == ErrorKind::busy) return;
  if (failures_.size() >= kMost && !failures_.contains(key)) failures_.clear();
  Failure& failure = failures_[key];
  failure.error = told(error);
  if (error.kind == ErrorKind::invalid) {
    failure.until = now + pauses_.verdict;
  } else {
    failure.pause = std::clamp(2 * failure.pause, pauses_.first, pauses_.longest);
    failure.until = now + failure.pause;
  }
}

std::optional<Error> Failures::standing(const std::string& key, Clock::time_point now) const {
  const auto found = failures_.find(key);
  if (found == failures_.end() || found->second.until <= now) return std::nullopt;
  return found->second.error;
}

Error Failures::told(const Error& error) {
  const bool stands = error.kind == ErrorKind::invalid;
  return make_error(stands ? ErrorKind::not_found : ErrorKind::busy, error.message);
}

}  // namespace carrel::jobs
