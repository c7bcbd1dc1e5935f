#include "orchestrator/cli/doctor/doctor.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/doctor/running.hpp"
#include "orchestrator/cli/endpoint.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/inputs.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

/// What the checks go by.
struct Settings {
  std::optional<config::Config> config{};  ///< nothing: they cannot be read
  config::LoadInputs inputs{};
  std::string wrong{};  ///< that keeps them from being read
  bool of_daemon = false;
};

std::string remedy_for(const Failure& failure) {
  if (!failure.remedy.empty()) return failure.remedy;
  if (failure.code == ExitCode::unreachable)
    return std::string(kStartDaemon) + ", or name it with --socket or --url";
  return failure.code == ExitCode::refused ? "name another token with --token-file" : "its log says more";
}

doctor::Finding daemon_finding(Context& context, const Settings& settings) {
  const auto ready = context.get_text("/readyz?verbose");
  if (ready.has_value()) return doctor::good("carreld", "it runs and is ready");
  const Failure& failure = ready.error();
  const bool told_already = !settings.wrong.empty() && failure.message == settings.wrong;
  return doctor::bad("carreld", told_already ? "the configuration does not say where it is" : failure.message,
                     remedy_for(failure));
}

json json_of(const std::vector<doctor::Finding>& findings) {
  json items = json::array();
  for (const auto& one : findings) {
    items.push_back(
        {{"check", one.check}, {"state", one.state}, {"detail", one.detail}, {"remedy", one.remedy}});
  }
  return {{"items", items}};
}

/// What the daemon works with, if one answers; else what one would read here.
Settings settings_for(Context& context, std::vector<doctor::Finding>& findings) {
  const auto running = context.get("/api/v1/admin/config");
  if (running.has_value()) {
    findings.push_back(doctor::good("configuration", "that of the carreld that runs"));
    return {.config = doctor::running_config(*running), .of_daemon = true};
  }
  const std::string& named = context.globals().config;
  Settings settings{.inputs = config::inputs_of_process(named)};
  auto config = config::load(settings.inputs);
  if (config.has_value()) {
    findings.push_back(doctor::good("configuration", "it is valid"));
    settings.config = std::move(*config);
    return settings;
  }
  // A plan that does not fit keeps nobody from looking at the rest.
  auto whatever_the_plan = config::load(config::inputs_whatever_the_plan(named));
  std::string unseen;
  if (whatever_the_plan.has_value()) {
    settings.config = std::move(*whatever_the_plan);
  } else {
    settings.wrong = whatever_the_plan.error().message;
    unseen = "; what depends on them was not looked at";
  }
  findings.push_back(
      doctor::bad("configuration", config.error().message, "mend these, then ask again" + unseen));
  return settings;
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
  const Settings settings = settings_for(context, findings);
  const auto add = [&findings](std::vector<doctor::Finding> found) {
    findings.insert(findings.end(), found.begin(), found.end());
  };
  const auto pid = doctor::main_pid();
  if (settings.config) {
    add(doctor::examine_engine(*settings.config));
    add(doctor::examine_host(*settings.config, pid));
    if (!settings.of_daemon) findings.push_back(doctor::judge_database(*settings.config, settings.inputs));
    const auto daemon = settings.of_daemon ? std::optional(daemon_of(context)) : std::nullopt;
    add(doctor::examine_service(*settings.config, daemon, pid));
  }
  findings.push_back(doctor::judge_clock());
  add(doctor::examine_units());
  findings.push_back(daemon_finding(context, settings));

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
