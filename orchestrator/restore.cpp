#include "orchestrator/restore.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/unix_time.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/store/restore.hpp"

namespace carrel {

namespace {

/// What root made in the data, the daemon could not open.
Result<void> become_owner_of(const std::filesystem::path& data) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(data.c_str(), &status) != 0 || status.st_uid == 0) return {};
  if (::setgroups(0, nullptr) != 0 || ::setgid(status.st_gid) != 0 || ::setuid(status.st_uid) != 0) {
    return errno_error("become the user to whom " + data.string() + " belongs", errno);
  }
  return {};
}

}  // namespace

Result<std::filesystem::path> restore(const config::Config& config, const std::filesystem::path& backup) {
  const auto ours = become_owner_of(config.data.dir);
  if (ours.has_error()) return ours.error();
  const auto data = open_data(config.data.dir);
  if (data.has_error()) return data.error();
  return store::restore_database(backup, data->root, unix_now());
}

}  // namespace carrel
