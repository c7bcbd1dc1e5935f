#include "orchestrator/cli/doctor/running.hpp"

#include <algorithm>
#include <string>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/toml_file.hpp"

namespace carrel::cli::doctor {

config::Config running_config(const nlohmann::json& answer) {
  config::Config config;
  for (const auto& item : items_in(answer)) {
    const std::string name = text_in(item, "key");
    const auto key = std::ranges::find(config::keys(), name, &config::Key::name);
    const auto dot = name.find('.');
    if (key == config::keys().end() || key->secret || dot == std::string::npos) continue;
    // As it is written in TOML, so it is read as TOML.
    const auto read = config::parse_toml(
        "[" + name.substr(0, dot) + "]\n" + name.substr(dot + 1) + " = " + text_in(item, "value") + "\n",
        name);
    for (const auto& setting : read.settings) static_cast<void>(key->set(config, setting.value));
  }
  return config;
}

}  // namespace carrel::cli::doctor
