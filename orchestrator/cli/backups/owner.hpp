#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel::cli::backups {

/// Whoever owns the data directory: as whom carreld and the nightly backup work on it.
struct Owner {
  uid_t user = ::geteuid();
  gid_t group = ::getegid();
};

/// Whoever runs this, unless that is root.
[[nodiscard]] Owner owner_of_data(const config::Config& config);

/// A link is given itself, not what it leads to.
[[nodiscard]] Result<void> give(const std::filesystem::path& path, const Owner& owner);

}  // namespace carrel::cli::backups
