#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/config/load.hpp"

namespace carrel::config {

/// Where an installed Carrel is configured.
inline constexpr char kSystemFile[] = "/etc/carrel/carrel.toml";

/// What a program of Carrel's reads: the named TOML file, else carrel.toml in the working directory, else
/// kSystemFile, the latter two only if they are there; a .env beside it; and the environment.
[[nodiscard]] LoadInputs inputs_of_process(const std::string& config_path);

/// The same, for who needs no bounds: a backup's plan is the one of the machine that is gone, or is gone
/// with it, and must keep nobody from the data.
[[nodiscard]] LoadInputs inputs_whatever_the_plan(const std::string& config_path);

/// Whether `file`, or the folder that it may be in, is kept from this user.
[[nodiscard]] bool may_not_read(const std::filesystem::path& file);

}  // namespace carrel::config
