#include "orchestrator/config/inputs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace carrel::config {

namespace fs = std::filesystem;

namespace {

fs::path default_file() {
  std::error_code error;
  const fs::path here("carrel.toml");
  if (fs::exists(here, error)) return here;
  // A file that this user may not read is as good as none: the defaults find the daemon, if there is one.
  return ::access(kSystemFile, R_OK) == 0 ? fs::path(kSystemFile) : here;
}

}  // namespace

LoadInputs inputs_of_process(const std::string& config_path) {
  LoadInputs inputs;
  const fs::path toml = config_path.empty() ? default_file() : fs::path(config_path);
  std::error_code error;
  if (!config_path.empty() || fs::exists(toml, error)) inputs.toml = toml;
  const fs::path env_file = toml.parent_path() / ".env";
  if (fs::exists(env_file, error)) inputs.env_file = env_file;
  inputs.environment = carrel_variables(::environ);
  inputs.host = HostSize{static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN)),
                         static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                             static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
  return inputs;
}

LoadInputs inputs_whatever_the_plan(const std::string& config_path) {
  LoadInputs inputs = inputs_of_process(config_path);
  inputs.plan_must_fit = false;
  return inputs;
}

bool may_not_read(const fs::path& file) {
  return ::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES;
}

}  // namespace carrel::config
