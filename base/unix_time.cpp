#include "base/unix_time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace carrel {
namespace {

std::string utc(std::int64_t unix_seconds, const char* form) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), form, &parts);
  return {text.data(), length};
}

}  // namespace

std::string rfc3339(std::int64_t unix_seconds) {
  return utc(unix_seconds, "%Y-%m-%dT%H:%M:%SZ");
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  const auto rest = duration_cast<milliseconds>(time - whole).count();
  std::array<char, 8> fraction{};
  const int length = std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(rest));
  std::string text = rfc3339(std::int64_t{whole.time_since_epoch().count()});
  return text.replace(text.size() - 1, 1, fraction.data(), static_cast<std::size_t>(length));
}

std::string time_stamp(std::int64_t unix_seconds) {
  return utc(unix_seconds, "%Y%m%dT%H%M%SZ");
}

}  // namespace carrel
