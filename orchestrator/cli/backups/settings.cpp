#include "orchestrator/cli/backups/settings.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "base/unique_fd.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/config/small_file.hpp"
#include "orchestrator/store/durable.hpp"

namespace carrel::cli::backups {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRestoring = ".restoring";
constexpr std::string_view kAside = ".before-restore-";
constexpr std::size_t kMostSettings = 1000;

bool same_content(const fs::path& a, const fs::path& b) {
  const auto first = config::read_small_file(a, kLargestSetting);
  const auto second = config::read_small_file(b, kLargestSetting);
  return first.has_value() && second.has_value() && *first == *second;
}

/// Whose it was, by name; where this machine has no such user or group, the folder's own, so that the
/// daemon's group can read what it could before.
Result<void> give_back(const UniqueFd& file, const fs::path& to, const backup::Part& part) {
  struct stat parent {};
  if (::geteuid() != 0 || ::stat(to.parent_path().c_str(), &parent) != 0) return {};
  const passwd* user = part.user.empty() ? nullptr : ::getpwnam(part.user.c_str());
  const struct group* group = part.group.empty() ? nullptr : ::getgrnam(part.group.c_str());
  const uid_t uid = user == nullptr ? parent.st_uid : user->pw_uid;
  const gid_t gid = group == nullptr ? parent.st_gid : group->gr_gid;
  if (::fchown(file.get(), uid, gid) == 0) return {};
  return errno_error("give " + to.string() + " to its owner", errno);
}

/// What the owner of the folder may have put under this name, such as a link to a file of root's, is not
/// written through.
Result<void> copy_beside(const fs::path& from, const fs::path& to, const backup::Part& part) {
  const auto content = config::read_small_file(from, kLargestSetting);
  if (content.has_error()) return content.error();
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (::unlink(to.c_str()) != 0 && errno != ENOENT) return errno_error("remove " + to.string(), errno);
  const UniqueFd file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return errno_error("make " + to.string(), errno);
  for (std::string_view rest = *content; !rest.empty();) {
    const ssize_t done = ::write(file.get(), rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno_error("write " + to.string(), errno);
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
  auto given = give_back(file, to, part);
  if (!given) return given;
  if (::fchmod(file.get(), part.mode) != 0) return errno_error("set the mode of " + to.string(), errno);
  return {};
}

/// What is moved durably is not found through links.
fs::path in_real_folder(const fs::path& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path.parent_path(), error);
  return error ? path : folder / path.filename();
}

}  // namespace

Result<std::vector<fs::path>> settings_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kRestoring) || name.find(kAside) != std::string::npos) continue;
    if (fs::is_regular_file(entry.path(), ignored)) files.push_back(entry.path());
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return errno_error("list the settings in " + folder.string(), failed.value());
  if (files.size() <= kMostSettings) return files;
  return make_error(ErrorKind::invalid, "there are " + std::to_string(files.size()) + " files in " +
                                            folder.string() + ", and a backup takes " +
                                            std::to_string(kMostSettings) +
                                            "; move elsewhere what is no setting of Carrel's");
}

Result<void> SettingsChange::put(const backup::Manifest& manifest, const fs::path& folder, bool over,
                                 const std::set<fs::path>& others) {
  std::error_code error;
  for (const auto& part : manifest.parts) {
    if (part.origin.empty()) continue;
    const fs::path from = folder / part.name;
    const bool there = fs::exists(part.origin, error);
    if (there && same_content(from, part.origin)) continue;
    const bool is_link = fs::is_symlink(fs::symlink_status(part.origin, error));
    const bool replace = over && !others.contains(fs::path(part.origin).lexically_normal());
    if (is_link || (there && !replace)) {
      kept_.push_back(part.origin);
      continue;
    }
    const fs::path beside = part.origin + std::string(kRestoring);
    auto written = copy_beside(from, beside, part);
    fs::path aside;
    if (written && there) {
      // A second name, so that the first one always has a file.
      aside = part.origin + std::string(kAside) + time_stamp(unix_now());
      fs::create_hard_link(part.origin, aside, error);
      if (error) {
        written = errno_error("set " + part.origin + " aside", error.value());
        aside.clear();
      }
    }
    if (written) written = store::move_durably(beside, in_real_folder(part.origin));
    if (!written) {
      fs::remove(beside, error);
      if (!there || !aside.empty()) take_back({part.origin, aside});
      auto why = written.error();
      why.message += std::string(there ? "; replace " : "; make ") + part.origin +
                     " by hand, then restore again: nothing was changed";
      return why;
    }
    placed_.push_back({part.origin, aside});
  }
  return {};
}

SettingsChange::~SettingsChange() {
  if (stays_) return;
  for (const Placed& one : placed_) take_back(one);
}

void SettingsChange::take_back(const Placed& one) {
  std::error_code error;
  if (one.aside.empty()) {
    fs::remove(one.origin, error);
    return;
  }
  // Does nothing where both are still names of the old file; when it fails, the one aside may be all there
  // is.
  fs::rename(one.aside, one.origin, error);
  if (!error) fs::remove(one.aside, error);
}

std::vector<std::string> SettingsChange::origins() const {
  std::vector<std::string> all;
  for (const Placed& one : placed_) all.push_back(one.origin);
  return all;
}

}  // namespace carrel::cli::backups
