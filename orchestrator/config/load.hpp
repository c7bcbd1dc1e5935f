#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/plan_file.hpp"

namespace carrel::config {

struct LoadInputs {
  std::optional<std::filesystem::path> toml;      ///< must exist when named
  std::optional<std::filesystem::path> env_file;  ///< must exist when named
  std::map<std::string, std::string> environment;
  std::optional<HostSize> host{};  ///< what a plan is held against
  bool plan_must_fit = true;       ///< false: what is wrong with the plan is a warning
};

/// Where each key that is not its default was set: for people: "carrel.toml:12", ".env:3", "environment:
/// CARREL_…".
using Sources = std::map<std::string, std::string>;

/// The defaults, overridden by the plan that the others name, then by the TOML file, then by the env file,
/// then by the environment. ErrorKind::invalid with everything that is wrong at once, a line each, naming
/// file, line and key, and no secret. What is allowed but unwise is added to `warnings`, where the values are
/// from to `sources`. Blocks: files are read.
[[nodiscard]] Result<Config> load(const LoadInputs& inputs, std::vector<std::string>* warnings = nullptr,
                                  Sources* sources = nullptr);

/// The variables of a process, as main's envp or ::environ holds them, that begin with CARREL_.
[[nodiscard]] std::map<std::string, std::string> carrel_variables(const char* const* envp);

}  // namespace carrel::config
