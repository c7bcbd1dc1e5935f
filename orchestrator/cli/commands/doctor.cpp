#include "orchestrator/cli/doctor/doctor.hpp"

#include <optional>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/doctor/running.hpp"
#include "orchestrator/cli/endpoint.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/inputs.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

doctor::Finding daemon_finding(Context& context) {
  const auto ready = context.get_text("/readyz?verbose");
  if (ready.has_value()) return doctor::good("carreld", "it runs and is ready");
  const Failure& failure = ready.error();
  if (failure.code == ExitCode::unreachable || failure.code == ExitCode::refused) {
    return doctor::bad("carreld", failure.message,
                       std::string(kStartDaemon) + ", or name it with --socket or --url");
  }
  return doctor::bad("carreld", failure.message, "its log says more");
}

json json_of(const std::vector<doctor::Finding>& findings) {
  json items = json::array();
  for (const auto& one : findings) {
    items.push_back(
        {{"check", one.check}, {"state", one.state}, {"detail", one.detail}, {"remedy", one.remedy}});
  }
  return {{"items", items}};
}

/// What the daemon works with, if one answers; else what one would read here, if that can be read. With the
/// defaults the rest is still worth knowing.
config::Config config_for(Context& context, std::vector<doctor::Finding>& findings, bool& runs) {
  const auto running = context.get("/api/v1/admin/config");
  runs = running.has_value();
  if (runs) {
    findings.push_back(doctor::good("configuration", "that of the carreld that runs"));
    return doctor::running_config(*running);
  }
  const auto config = config::load(config::inputs_of_process(context.globals().config));
  if (config.has_error()) {
    findings.push_back(doctor::bad("configuration", config.error().message, "mend these, then ask again"));
    return {};
  }
  findings.push_back(doctor::good("configuration", "it is valid"));
  return *config;
}

/// A version only of one that is on this machine for certain: what is installed elsewhere is not known here.
doctor::Daemon daemon_of(Context& context) {
  doctor::Daemon daemon;
  const auto status = context.get("/api/v1/admin/status");
  if (status.has_value() && context.globals().url.empty() && member(*status, "version").is_string()) {
    daemon.version = text_in(*status, "version");
  }
  const auto metrics = context.get_text("/metrics");
  if (metrics.has_value()) daemon.certificate_expires = doctor::certificate_in_use(*metrics);
  return daemon;
}

Done examine(Context& context) {
  std::vector<doctor::Finding> findings;
  bool runs = false;
  const config::Config used = config_for(context, findings, runs);
  for (auto& one : doctor::examine_engine(used)) findings.push_back(std::move(one));
  const auto daemon = runs ? std::optional(daemon_of(context)) : std::nullopt;
  const auto pid = doctor::main_pid();
  for (auto& one : doctor::examine_host(used, pid)) findings.push_back(std::move(one));
  for (auto& one : doctor::examine_service(used, daemon, pid)) findings.push_back(std::move(one));
  findings.push_back(daemon_finding(context));

  const auto printed = context.print(json_of(findings), views::checks);
  if (printed.has_error()) return printed;
  for (const auto& one : findings) {
    if (one.state == doctor::kFailed) return fail(ExitCode::failed, "something is wrong with this host");
  }
  return {};
}

}  // namespace

void add_doctor(CLI::App& root, Plan& plan) {
  add_command(root, "doctor", "what is wrong with this host, and how to mend it", plan, examine);
}

}  // namespace carrel::cli::commands
