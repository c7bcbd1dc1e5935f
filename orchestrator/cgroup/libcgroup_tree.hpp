#pragma once

#include <memory>

#include "orchestrator/cgroup/tree.hpp"

namespace carrel::cgroup {

/// This host's cgroups as libcgroup finds them mounted, once for the process. ErrorKind::unavailable: none
/// are mounted where this process can see them.
[[nodiscard]] Result<std::unique_ptr<Tree>> open_tree();

}  // namespace carrel::cgroup
