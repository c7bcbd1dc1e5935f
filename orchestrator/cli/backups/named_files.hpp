#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"

namespace carrel::cli::backups {

/// A file whose content is the value of a setting.
struct ValueFile {
  std::string variable;  ///< that has the value otherwise: CARREL_SECTION_KEY
  std::filesystem::path path;
  bool of_environment = false;  ///< else the .env names it
};

/// What CARREL_SECTION_KEY_FILE names, in the .env and in the environment. Blocks: the .env is read.
[[nodiscard]] std::vector<ValueFile> value_files(const config::LoadInputs& inputs);

/// What keys of the configuration name: a certificate and its key, a plan.
[[nodiscard]] std::vector<std::filesystem::path> files_of_keys(const config::Config& config);

}  // namespace carrel::cli::backups
