#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/observe/log_levels.hpp"
#include "orchestrator/observe/log_line.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

json levels_json() {
  const log::Levels levels = log::levels();
  json parts = json::array();
  for (const auto& [part, level] : levels.parts) {
    parts.push_back(part + "=" + std::string(log::word_of(level)));
  }
  return {{"level", log::word_of(levels.general)}, {"levels", std::move(parts)}};
}

Result<log::Level> level_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const auto word = string_member(*body, "level");
  if (word.has_error()) return word.error();
  const auto level = log::parse_level(*word);
  if (!level || body->size() != 1) {
    return make_error(ErrorKind::invalid, R"(send {"level": …} alone, with debug, info, warn or error)");
  }
  return *level;
}

}  // namespace

AsyncReply show_log_level(Services&, const Request&) {
  co_return json_response(200, levels_json());
}

AsyncReply change_log_level(Services& services, const Request& request) {
  const auto level = level_of(request);
  if (level.has_error()) co_return problem_from(level.error());
  log::set_general_level(*level);
  const std::string word(log::word_of(*level));
  services.audit.record(request.actor, "log_level", "log", word);
  co_return json_response(200, levels_json());
}

}  // namespace carrel::http
