#include "orchestrator/observe/log_line.hpp"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/unix_time.hpp"

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
