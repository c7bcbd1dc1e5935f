#pragma once

#include <string>

#include "base/error.hpp"

namespace carrel::hwtune::cli {

/// Where measure leaves its figures and plan looks for them, in the working directory.
inline constexpr char kMeasuredFile[] = "carrel-measured.json";

[[nodiscard]] Result<std::string> read_file(const std::string& path);
/// Whether write_file() would find its place; leaves nothing there.
[[nodiscard]] Result<void> can_write(const std::string& path);
/// In place of what was there, all or nothing; readable by everybody. A link stays and what it leads to is
/// replaced; a device or a pipe is written into.
[[nodiscard]] Result<void> write_file(const std::string& path, const std::string& content);

}  // namespace carrel::hwtune::cli
