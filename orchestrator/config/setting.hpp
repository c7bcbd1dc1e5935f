#pragma once

#include <string>
#include <vector>

namespace carrel::config {

/// What stands behind a name in some source: one text, or a list of texts. Numbers and booleans come as text.
struct Value {
  std::vector<std::string> items;
  bool is_list = false;

  friend bool operator==(const Value&, const Value&) = default;
};

/// One name and value as a source holds it, before anybody knows whether the name means anything.
struct Setting {
  std::string name;  ///< "http.listen", or "CARREL_HTTP_LISTEN"
  Value value;
  std::string where;  ///< for people: "carrel.toml:12", ".env:3", "environment"
};

/// What a source holds, and what is wrong with it, each message beginning with the place.
struct Settings {
  std::vector<Setting> settings;
  std::vector<std::string> errors;
};

}  // namespace carrel::config
