#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/unique_fd.hpp"
#include "orchestrator/cli/backups/owner.hpp"

namespace carrel::cli::doctor {

/// What `look` finds, 0 to 255, with the rights of `owner` and all of their groups: root may read anything,
/// which tells nothing of the daemon. In a process of its own where root asks for somebody else; an errno
/// where that cannot be. For a program with one thread.
[[nodiscard]] int as_owner(const backups::Owner& owner, const std::function<int()>& look);

/// The root directory as process `pid` has it, whose unit may hide folders or let them in; that of the caller
/// where there is no such process, or it may not be asked. What is opened below it is opened without a slash
/// before.
[[nodiscard]] UniqueFd root_of(const std::string& pid);
[[nodiscard]] std::string below_root(const std::filesystem::path& path);

}  // namespace carrel::cli::doctor
