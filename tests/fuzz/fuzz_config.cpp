#include <cstddef>
#include <cstdint>
#include <string_view>

#include "orchestrator/config/config.hpp"
#include "orchestrator/config/env_file.hpp"
#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/toml_file.hpp"
#include "orchestrator/config/values.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::config;

/// Whatever a configuration file holds, parsing ends with values or with errors; and what a key accepted, it
/// accepts again after having been written and read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_env(text, ".env");
  (void)parse_listen(text);
  (void)parse_fraction(text, 0, 1024);
  Config config;
  for (const auto& setting : parse_toml(text, "carrel.toml").settings) {
    for (const auto& key : keys()) {
      if (key.name == setting.name) (void)key.set(config, setting.value);
    }
  }
  for (const auto& key : keys()) {
    const Value whole{{std::string(text)}, false};
    if (!key.set(config, whole)) continue;
    const std::string line = "k = " + key.get(config) + "\n";
    const auto again = parse_toml(line, "written");
    if (again.settings.size() != 1) continue;  // not UTF-8, which TOML requires and a variable need not be
    carrel::fuzz::require(key.set(config, again.settings[0].value) &&
                          "k = " + key.get(config) + "\n" == line);
  }
  return 0;
}
