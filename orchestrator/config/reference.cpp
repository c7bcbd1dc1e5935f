#include "orchestrator/config/reference.hpp"

#include <string_view>

#include "orchestrator/config/keys.hpp"

namespace carrel::config {
namespace {

constexpr std::string_view introduction = R"(# Configuration

`carreld` reads one TOML file, an env file (`.env`) and its environment. What is said later wins: default, TOML file, env file,
environment. `carreld --check-config` says everything that is wrong, with file, line and key, and starts nothing.

- A key `section.key` is written `key = …` below `[section]` in the TOML file, and `CARREL_SECTION_KEY=…` in the environment.
- Every variable also exists with `_FILE` at its end: then its value is the content of that file, without the last line end.
  That is the way for passwords.
- Sizes: `512m`, `1g`, `64k`, or plain bytes; a unit is 1024 of the next smaller one. Durations: `90s`, `15m`, `12h`, `14d`, or plain
  seconds.
- Unknown keys and unknown variables that begin with `CARREL_` are refused. Left to the scripts: `CARREL_CACHE_DIR`, `CARREL_BUILD_DIR`,
  `CARREL_SOURCE_DIR`, `CARREL_MEDIA_DIR`, `CARREL_TEST_…` and `CARREL_DEMO_…`.
- An env file holds lines of `NAME=value`, with values bare, in single quotes (literal) or in double quotes (with `\"`, `\\`, `\n`,
  `\t`). Variables of other programs in it are ignored; nothing is expanded.

This page is made from the table in `orchestrator/config/keys.cpp`; a test compares the two.
)";

std::string_view section_of(const Key& key) {
  return key.name.substr(0, key.name.find('.'));
}
std::string_view name_in_section(const Key& key) {
  return key.name.substr(key.name.find('.') + 1);
}

}  // namespace

std::string to_toml(const Config& config) {
  std::string text;
  std::string_view section;
  for (const auto& key : keys()) {
    if (section_of(key) != section) {
      section = section_of(key);
      text += (text.empty() ? "[" : "\n[") + std::string(section) + "]\n";
    }
    text += "# " + std::string(key.meaning) + " (" + std::string(key.form) + ")\n";
    const std::string name(name_in_section(key));
    text += key.secret ? "# " + name + " = …, not shown\n" : name + " = " + key.get(config) + "\n";
  }
  return text;
}

std::string to_markdown() {
  const Config defaults;
  std::string text(introduction);
  std::string_view section;
  for (const auto& key : keys()) {
    if (section_of(key) != section) {
      section = section_of(key);
      text += "\n## " + std::string(section) +
              "\n\n| key | variable | form | default | meaning |\n|---|---|---|---|---|\n";
    }
    text += "| `" + std::string(key.name) + "` | `" + variable_of(key) + "` | " + std::string(key.form) +
            " | `" + key.get(defaults) + "` | " + std::string(key.meaning) + " |\n";
  }
  return text;
}

}  // namespace carrel::config
