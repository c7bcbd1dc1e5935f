#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/setting.hpp"

namespace carrel::config {

/// One key. The table of these is the only place that knows the names: the TOML file, the environment, the
/// printed configuration and docs/configuration.md all come from it.
struct Key {
  std::string_view name;  ///< "section.key"
  std::string_view form;  ///< what is written there: "size", "duration", …
  std::string_view meaning;
  bool secret = false;  ///< its value appears in no message and no print
  /// Sets the member, or says what is wrong with the value.
  std::function<Result<void>(Config&, const Value&)> set;
  /// As it is written in TOML, quotes included.
  std::function<std::string(const Config&)> get;
};

/// Section by section, in the order of the documentation.
[[nodiscard]] std::span<const Key> keys();

/// CARREL_SECTION_KEY.
[[nodiscard]] std::string variable_of(const Key& key);

}  // namespace carrel::config
