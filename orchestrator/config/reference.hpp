#pragma once

#include <string>

#include "orchestrator/config/config.hpp"

namespace carrel::config {

/// `config` as a TOML file that load() reads back, with what each key means; secrets are left out. Of a
/// default Config it is the file to start from.
[[nodiscard]] std::string to_toml(const Config& config);

/// The reference for people: docs/configuration.md.
[[nodiscard]] std::string to_markdown();

}  // namespace carrel::config
