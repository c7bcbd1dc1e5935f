#include "base/unix_time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace carrel {
namespace {

constexpr const char* kStamp = "%Y%m%dT%H%M%SZ";

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
  return utc(unix_seconds, kStamp);
}

std::optional<std::int64_t> time_of_stamp(const std::string& stamp) {
  std::tm parts{};
  if (::strptime(stamp.c_str(), kStamp, &parts) == nullptr) return std::nullopt;
  const std::int64_t time = ::timegm(&parts);
  // What is no date, such as the 31st of June, would be another one.
  return time_stamp(time) == stamp ? std::optional(time) : std::nullopt;
}

}  // namespace carrel
