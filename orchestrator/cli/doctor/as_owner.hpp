#pragma once

#include <functional>

#include "orchestrator/cli/backups/owner.hpp"

namespace carrel::cli::doctor {

/// What `look` finds, 0 to 255, with the rights of `owner` and all of their groups: root may read anything,
/// which tells nothing of the daemon. In a process of its own where root asks for somebody else; an errno
/// where that cannot be. For a program with one thread.
[[nodiscard]] int as_owner(const backups::Owner& owner, const std::function<int()>& look);

}  // namespace carrel::cli::doctor
