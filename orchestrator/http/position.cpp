#include "orchestrator/http/position.hpp"

namespace carrel::http {
namespace {

constexpr double kSeen = 0.95;
constexpr double kLongest = 1e7;  // seconds; no film, but a number that a database holds

}  // namespace

std::optional<std::int64_t> goes_on_at(double seconds, std::optional<double> duration) {
  if (seconds < 1 || seconds >= (duration ? kSeen * *duration : kLongest)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

}  // namespace carrel::http
