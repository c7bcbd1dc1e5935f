#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/config/network.hpp"
#include "orchestrator/config/setting.hpp"

/// Checks of what stays a text. Every error is ErrorKind::invalid and says what was expected.
namespace carrel::config {

/// What a key that takes one value was given; an error for a list.
[[nodiscard]] Result<std::string> single(const Value& value);

/// [low, high] bytes without control characters. A `secret` text is not repeated in the error.
[[nodiscard]] Result<std::string> check_text(std::string text, std::size_t low, std::size_t high,
                                             bool secret);

/// 1 to `high` letters, digits and `others`.
[[nodiscard]] Result<std::string> check_name(std::string text, std::size_t high, std::string_view others);

/// Every item of a list is a path; one text is a list separated by colons, of which empty items are skipped.
[[nodiscard]] Result<std::vector<std::filesystem::path>> check_paths(const Value& value);

/// One of `choices`.
[[nodiscard]] Result<std::string> check_choice(std::string text,
                                               const std::vector<std::string_view>& choices);

/// Some of `choices`, each once; one text is a list separated by commas, of which empty items are skipped.
[[nodiscard]] Result<std::vector<std::string>> check_names(const Value& value,
                                                           const std::vector<std::string_view>& choices);

/// One text is a list separated by commas, of which empty items are skipped.
[[nodiscard]] Result<std::vector<Network>> check_networks(const Value& value);
[[nodiscard]] Result<std::vector<std::string>> check_part_levels(const Value& value);

/// "/a/b" of letters, digits, "-", "_" and "."; "/" and the empty text stand for the root.
[[nodiscard]] Result<std::string> check_base_path(std::string text);

inline constexpr std::size_t max_path = 4095;

}  // namespace carrel::config
