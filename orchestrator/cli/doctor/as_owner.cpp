#include "orchestrator/cli/doctor/as_owner.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace carrel::cli::doctor {

namespace {

constexpr std::size_t kMostGroups = 256;

std::vector<gid_t> groups_of(const backups::Owner& owner) {
  const passwd* account = ::getpwuid(owner.user);
  if (account == nullptr) return {owner.group};
  std::vector<gid_t> groups(kMostGroups);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(account->pw_name, account->pw_gid, groups.data(), &count) < 0) return {account->pw_gid};
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace

int as_owner(const backups::Owner& owner, const std::function<int()>& look) {
  if (::geteuid() != 0 || owner.user == 0) return look();
  const auto groups = groups_of(owner);
  const pid_t process = ::fork();
  if (process < 0) return errno;
  if (process == 0) {
    if (::setgroups(groups.size(), groups.data()) != 0 || ::setgid(groups.front()) != 0 ||
        ::setuid(owner.user) != 0) {
      ::_exit(errno);
    }
    ::_exit(look());
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

UniqueFd root_of(const std::string& pid) {
  constexpr int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  UniqueFd root(pid.empty() ? -1 : ::open(("/proc/" + pid + "/root").c_str(), flags));
  return root ? std::move(root) : UniqueFd(::open("/", flags));
}

std::string below_root(const std::filesystem::path& path) {
  std::error_code error;
  const auto relative = std::filesystem::absolute(path, error).relative_path();
  return relative.empty() ? "." : relative.string();
}

}  // namespace carrel::cli::doctor
