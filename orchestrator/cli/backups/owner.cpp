#include "orchestrator/cli/backups/owner.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace carrel::cli::backups {

Owner owner_of_data(const config::Config& config) {
  Owner owner;
  struct stat status {};
  if (owner.user == 0 && ::stat(config.data.dir.c_str(), &status) == 0) {
    owner = {status.st_uid, status.st_gid};
  }
  return owner;
}

Result<void> give(const std::filesystem::path& path, const Owner& owner) {
  if (owner.user == ::geteuid() || ::lchown(path.c_str(), owner.user, owner.group) == 0) return {};
  return errno_error("give " + path.string() + " to the daemon's user", errno);
}

}  // namespace carrel::cli::backups
