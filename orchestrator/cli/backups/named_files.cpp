#include "orchestrator/cli/backups/named_files.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "orchestrator/cli/backups/settings.hpp"
#include "orchestrator/config/env_file.hpp"
#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/small_file.hpp"

namespace carrel::cli::backups {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = "_FILE";

void add_value_file(const std::string& name, const std::string& value, bool of_environment,
                    std::vector<ValueFile>& files) {
  if (!name.ends_with(kSuffix) || value.empty()) return;
  const std::string variable = name.substr(0, name.size() - kSuffix.size());
  const bool is_setting = std::ranges::any_of(
      config::keys(), [&](const config::Key& key) { return config::variable_of(key) == variable; });
  std::error_code error;
  if (is_setting) files.push_back({variable, fs::absolute(value, error).lexically_normal(), of_environment});
}

}  // namespace

std::vector<ValueFile> value_files(const config::LoadInputs& inputs) {
  std::vector<ValueFile> files;
  if (inputs.env_file) {
    const auto text = config::read_small_file(*inputs.env_file, kLargestSetting);
    const auto variables = config::parse_env(text.has_value() ? *text : std::string(), "");
    for (const auto& one : variables.settings)
      add_value_file(one.name, one.value.items.front(), false, files);
  }
  for (const auto& [name, value] : inputs.environment) add_value_file(name, value, true, files);
  return files;
}

std::vector<fs::path> files_of_keys(const config::Config& config) {
  std::vector<fs::path> files;
  for (const config::Key& key : config::keys()) {
    const bool of_tls = key.name.find("tls") != std::string_view::npos ||
                        key.name.find("certificate") != std::string_view::npos;
    std::string value = key.get(config);
    if ((!of_tls && key.name != "admission.plan") || value.size() < 3 || value.front() != '"') continue;
    std::error_code error;
    files.push_back(fs::absolute(value.substr(1, value.size() - 2), error));
  }
  return files;
}

}  // namespace carrel::cli::backups
