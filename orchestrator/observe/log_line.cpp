#include "orchestrator/observe/log_line.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace carrel::log {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestText = 8192;

Json json_of(const Value& value) {
  return std::visit(
      [](const auto& one) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::string_view>) {
          return std::string(one.substr(0, kLongestText));
        } else {
          return one;
        }
      },
      value.get());
}

}  // namespace

std::string rfc3339(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto seconds_part = floor<seconds>(time);
  const auto ms = duration_cast<milliseconds>(time - seconds_part).count();
  const std::time_t seconds_since = system_clock::to_time_t(seconds_part);
  std::tm utc{};
  gmtime_r(&seconds_since, &utc);
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(ms));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string_view word_of(Level level) noexcept {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
  }
  return "error";
}

std::string make_line(std::chrono::system_clock::time_point time, Level level, std::string_view event,
                      Fields fields) {
  Json line;
  line["time"] = rfc3339(time);
  line["level"] = word_of(level);
  line["event"] = event;
  for (const Field& field : fields) line.emplace(std::string(field.key), json_of(field.value));
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace carrel::log
