#include "orchestrator/accounts_options.hpp"

#include "orchestrator/observe/log.hpp"

namespace carrel {
namespace {

accounts::Limits inherited(accounts::Limits limits, const config::Config& config) {
  if (limits.streams == 0) limits.streams = config.sandbox.streams;
  if (limits.memory == 0) limits.memory = config.sandbox.memory;
  if (limits.cpus == 0) limits.cpus = config.sandbox.cpus;
  return limits;
}

}  // namespace

accounts::Options accounts_options(const config::Config& config) {
  const auto& limits = config.limits;
  accounts::Options options;
  options.idle = config.session.idle;
  options.absolute = config.session.absolute;
  options.viewer_limits = inherited({limits.viewer_sessions, limits.viewer_streams, limits.viewer_memory,
                                     limits.viewer_cpus, limits.viewer_bandwidth},
                                    config);
  options.admin_limits = inherited({limits.admin_sessions, limits.admin_streams, limits.admin_memory,
                                    limits.admin_cpus, limits.admin_bandwidth},
                                   config);
  options.replace_oldest = limits.when_full == "replace-oldest";
  options.on_error = [](const Error& error) { log::error("accounts.failed", {{"reason", error.message}}); };
  return options;
}

}  // namespace carrel
