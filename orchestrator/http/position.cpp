#include "orchestrator/http/position.hpp"

namespace carrel::http {
namespace {

constexpr double kSeen = 0.95;
constexpr double kLongest = 1e7;  // seconds; no film, but a number that a database holds

constexpr double kMicrosecondsPerSecond = 1e6;

}  // namespace

std::optional<double> duration_of(const library::Video& video) {
  if (!video.facts || video.facts->duration_us == 0) return std::nullopt;
  return static_cast<double>(video.facts->duration_us) / kMicrosecondsPerSecond;
}

std::optional<std::int64_t> goes_on_at(double seconds, std::optional<double> duration) {
  if (seconds < 1 || seconds >= (duration ? kSeen * *duration : kLongest)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

}  // namespace carrel::http
