#include "orchestrator/http/json_values.hpp"

#include "base/unix_time.hpp"

namespace carrel::http {

using nlohmann::json;

json time_or_null(std::int64_t unix_seconds) {
  return unix_seconds == 0 ? json(nullptr) : json(rfc3339(unix_seconds));
}

json text_or_null(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
}

}  // namespace carrel::http
