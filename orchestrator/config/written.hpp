#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Values as they are written in TOML, quotes included.
namespace carrel::config {

[[nodiscard]] std::string written(const std::string& text);
[[nodiscard]] std::string written(const std::filesystem::path& path);
[[nodiscard]] std::string written(const std::vector<std::filesystem::path>& paths);
[[nodiscard]] std::string written(const std::vector<std::string>& texts);
[[nodiscard]] std::string written(std::chrono::seconds duration);
[[nodiscard]] std::string written(double fraction);
[[nodiscard]] std::string written_size(std::uint64_t bytes);

}  // namespace carrel::config
