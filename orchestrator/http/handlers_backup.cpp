#include "base/unix_time.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"
#include "orchestrator/store/backups.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

json file_json(const store::BackupFile& file) {
  return {{"file", file.path.filename().string()},
          {"path", file.path.string()},
          {"bytes", file.bytes},
          {"created_at", rfc3339(file.created_at)}};
}

}  // namespace

AsyncReply make_backup(Services& services, const Request& request) {
  const std::string actor = request.actor;
  const bool passes = query_text(request.query, "passing") == "true";
  const store::Stay stay = passes ? store::Stay::passing : store::Stay::kept;
  const Result<store::Backups::Made> made = co_await services.backups.make(stay);
  if (made.has_error()) co_return problem_from(made.error());
  json value = file_json(made->file);
  value["seconds"] = made->seconds;
  services.audit.record(actor, "backup_made", made->file.path.filename().string(),
                        std::to_string(made->file.bytes) + " bytes");
  co_return json_response(201, value);
}

AsyncReply list_backups(Services& services, const Request&) {
  const Result<std::vector<store::BackupFile>> files = co_await services.backups.list();
  if (files.has_error()) co_return problem_from(files.error());
  json items = json::array();
  for (const auto& file : *files) items.push_back(file_json(file));
  co_return json_response(200, {{"items", std::move(items)}});
}

}  // namespace carrel::http
