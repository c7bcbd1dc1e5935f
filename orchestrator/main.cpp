#include <malloc.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/passed_sockets.hpp"
#include "orchestrator/config/inputs.hpp"
#include "orchestrator/daemon.hpp"
#include "orchestrator/damage.hpp"
#include "orchestrator/restore.hpp"
#include "orchestrator/startable.hpp"
#include "orchestrator/upgrade.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kDamaged = 65;             // EX_DATAERR: starting again would not help
constexpr int kWrongConfiguration = 78;  // EX_CONFIG of sysexits.h

int fail(const carrel::Error& error, int code) {
  std::cerr << "carreld: " << error.message << '\n';
  return code;
}

int restore(const carrel::config::Config& config, const std::string& backup) {
  const auto aside = carrel::restore(config, backup);
  if (aside.has_error()) return fail(aside.error(), kFailed);
  std::cout << "restored " << backup
            << "; everybody has to log in again, and tokens of administrators are gone\n";
  if (!aside->empty()) std::cout << "the old database is " << aside->string() << '\n';
  return 0;
}

/// How the process came to be.
struct Start {
  carrel::Program program;
  std::vector<carrel::PassedSocket> sockets;
};

int run(Start how, const std::string& config_path, bool check_only, bool remove_only,
        const std::string& backup) {
  std::vector<std::string> warnings;
  carrel::config::Sources sources;
  const bool serves = backup.empty() && !remove_only;
  how.program.configuration = serves ? carrel::config::inputs_of_process(config_path)
                                     : carrel::config::inputs_whatever_the_plan(config_path);
  const auto config = carrel::config::load(how.program.configuration, &warnings, &sources);
  if (config.has_error()) return fail(config.error(), kWrongConfiguration);
  for (const std::string& warning : warnings) std::cerr << "carreld: " << warning << '\n';
  if (serves) {
    const auto startable = carrel::check_startable(*config);
    if (startable.has_error()) return fail(startable.error(), kWrongConfiguration);
  }
  if (check_only) {
    std::cout << "the configuration is valid\n";
    return 0;
  }
  if (!backup.empty()) return restore(*config, backup);
  if (remove_only) {
    const auto removed = carrel::remove_sandboxes(*config);
    if (removed.has_error()) return fail(removed.error(), kFailed);
    std::cout << "removed " << *removed << (*removed == 1 ? " sandbox\n" : " sandboxes\n");
    return 0;
  }
  const auto sound = carrel::check_database(*config, how.program.configuration);
  if (sound.has_error()) return fail(sound.error(), kDamaged);
  const auto ended = carrel::run_daemon(*config, sources, how.program, std::move(how.sockets));
  if (ended.has_error()) return fail(ended.error(), kFailed);
  if (!ended->upgrade) return 0;
  return fail(carrel::replace_program(how.program, ended->sockets), kFailed);
}

/// Two descriptors and more a stream: the usual soft limit of 1024 would be the first bound that is met.
void use_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  carrel::hold_signals();
  Start start{carrel::this_program(argc, argv), carrel::take_passed_sockets()};
  CLI::App app{"carreld: gives every viewer a booth of their own"};
  std::string config_path;
  bool check_only = false;
  bool remove_only = false;
  std::string backup;
  app.add_option("--config", config_path, "TOML file; without it, ./carrel.toml or /etc/carrel/carrel.toml");
  app.add_flag("--check-config", check_only, "say whether the configuration is valid, and end");
  app.add_flag("--remove-sandboxes", remove_only, "remove every container of this instance, and end");
  app.add_option("--restore", backup, "put this backup in the place of the database, and end");
  app.set_version_flag("--version", CARREL_VERSION);
  CLI11_PARSE(app, argc, argv);
  use_all_descriptors();
  // An arena for each of a dozen threads that hardly allocate would cost more memory than it saves waiting.
  ::mallopt(M_ARENA_MAX, 2);
  try {
    return run(std::move(start), config_path, check_only, remove_only, backup);
  } catch (const std::exception& e) {
    std::cerr << "carreld: a bug: " << e.what() << '\n';
    return kFailed;
  }
}
