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

/// A missing data directory, made for `user`, so that what is restored into it is not root's. Nothing where
/// somebody else runs this, or there is no such user.
[[nodiscard]] Result<void> make_data(const config::Config& config, const char* user);

/// A link is given itself, not what it leads to.
[[nodiscard]] Result<void> give(const std::filesystem::path& path, const Owner& owner);

}  // namespace carrel::cli::backups
