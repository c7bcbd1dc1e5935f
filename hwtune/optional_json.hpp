#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace carrel::hwtune {

/// What is not known is not there.
template <class T>
void put(nlohmann::json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

}  // namespace carrel::hwtune
