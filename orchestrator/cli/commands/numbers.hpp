#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "orchestrator/config/values.hpp"

namespace carrel::cli::commands {

/// Takes what the configuration would take, in the same words: no NaN, no other base, both ends included.
[[nodiscard]] inline CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  const auto check = [low, high](std::string& text) {
    const auto number = config::parse_count(text, low, high);
    if (number.has_error()) return number.error().message;
    text = std::to_string(*number);  // CLI11 takes a leading 0 for octal
    return std::string();
  };
  return {check, ""};
}

[[nodiscard]] inline CLI::Validator fraction(double low, double high) {
  const auto check = [low, high](std::string& text) {
    const auto number = config::parse_fraction(text, low, high);
    return number.has_error() ? number.error().message : std::string();
  };
  return {check, ""};
}

}  // namespace carrel::cli::commands
