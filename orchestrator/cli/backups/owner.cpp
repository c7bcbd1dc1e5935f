#include "orchestrator/cli/backups/owner.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "orchestrator/store/files.hpp"

namespace carrel::cli::backups {

Owner owner_of_data(const config::Config& config) {
  Owner owner;
  struct stat status {};
  if (owner.user == 0 && ::stat(config.data.dir.c_str(), &status) == 0) {
    owner = {status.st_uid, status.st_gid};
  }
  return owner;
}

Result<void> make_data(const config::Config& config, const char* user) {
  std::error_code error;
  const auto directory = std::filesystem::absolute(config.data.dir, error).lexically_normal();
  if (::geteuid() != 0 || std::filesystem::exists(directory, error)) return {};
  const passwd* account = ::getpwnam(user);
  if (account == nullptr) return {};
  const Owner owner{account->pw_uid, account->pw_gid};
  auto made = store::prepare_directory(directory);
  return made ? give(directory, owner) : made;
}

Result<void> give(const std::filesystem::path& path, const Owner& owner) {
  if (owner.user == ::geteuid() || ::lchown(path.c_str(), owner.user, owner.group) == 0) return {};
  return errno_error("give " + path.string() + " to the daemon's user", errno);
}

}  // namespace carrel::cli::backups
