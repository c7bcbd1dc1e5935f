#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/cli/doctor/as_owner.hpp"
#include "orchestrator/cli/doctor/doctor.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/config/small_file.hpp"

namespace carrel::cli::doctor {

namespace fs = std::filesystem;

namespace {

constexpr double kLittleSpace = double{1U << 30};
constexpr double kNoSpace = double{64U << 20};
constexpr std::int64_t kNotBefore = 1'767'225'600;  // 2026-01-01: an older clock was never set
constexpr rlim_t kDescriptorsPerConnection = 4;     // client, film, index, control channel
constexpr std::size_t kLargestLimits = 16 << 10;
constexpr int kNotToEnter = 255;  // no errno

/// The nearest directory that exists: the data directory may still have to be made.
fs::path existing(fs::path path) {
  std::error_code error;
  path = fs::absolute(path, error).lexically_normal();
  while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Finding disk_space(const config::Config& config) {
  const fs::path path = existing(config.data.dir);
  const std::string check = "disk at " + path.string();
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) != 0) {
    return bad(check, errno_error("look at it", errno).message,
               "set data.dir to a directory of the daemon's user");
  }
  const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  const std::string detail = bytes_text(free) + " free";
  const std::string remedy = "the database and the indexes of films grow there; make room, or move data.dir";
  if (free < kNoSpace) return bad(check, detail, remedy);
  return free < kLittleSpace ? odd(check, detail, remedy) : good(check, detail);
}

/// 0, an errno, or kNotToEnter.
int try_folder(const UniqueFd& root, const std::string& path) {
  const UniqueFd opened(::openat(root.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return errno;
  return ::faccessat(opened.get(), ".", X_OK, AT_EACCESS) == 0 ? 0 : kNotToEnter;
}

Finding descriptors(const config::Config& config, const std::string& pid) {
  rlimit own{};
  ::getrlimit(RLIMIT_NOFILE, &own);
  const auto limits = config::read_small_file("/proc/" + pid + "/limits", kLargestLimits);
  const auto of_daemon = pid.empty() || limits.has_error() ? std::nullopt : descriptors_in(*limits);
  const std::uint64_t allowed = of_daemon.value_or(own.rlim_max);
  const std::uint64_t wanted = config.http.max_connections * kDescriptorsPerConnection;
  const std::string detail =
      std::to_string(allowed) + " allowed, up to " + std::to_string(wanted) + " of use";
  if (allowed >= wanted) return good("descriptors", detail);
  return odd("descriptors", detail, "raise LimitNOFILE of carreld's service, or lower http.max_connections");
}

}  // namespace

Finding judge_clock() {
  if (unix_now() < kNotBefore) {
    return bad("clock", "it is far behind; sessions and tokens would end at the wrong time",
               "set it (timedatectl set-ntp true)");
  }
  timex state{};
  const int synchronised = ::adjtimex(&state);
  if (synchronised != TIME_ERROR && synchronised >= 0) return good("clock", "synchronised");
  return odd(
      "clock", "the kernel does not know it to be synchronised",
      "turn time synchronisation on (timedatectl set-ntp true), unless the host of this machine does it");
}

std::optional<std::uint64_t> descriptors_in(const std::string& limits) {
  std::istringstream lines(limits);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view name = "Max open files";
    if (!line.starts_with(name)) continue;
    std::istringstream words(line.substr(name.size()));
    std::string soft;
    std::uint64_t hard = 0;
    if (words >> soft >> hard) return hard;
  }
  return std::nullopt;
}

Finding judge_films(const fs::path& path, const backups::Owner& owner, const std::string& pid) {
  const std::string check = "films in " + path.string();
  const UniqueFd root = root_of(pid);
  const int found = as_owner(owner, [&] { return try_folder(root, below_root(path)); });
  if (found == 0) return good(check, "readable");
  if (found == kNotToEnter) {
    return bad(check, "its files cannot be opened",
               "give the daemon's user the right to enter it (chmod +x)");
  }
  return bad(check, std::strerror(found),
             "make it readable for the daemon's user (below /home its unit has to let it in, too: "
             "docs/install.md), or take it out of library.paths");
}

std::vector<Finding> examine_host(const config::Config& config, const std::string& pid) {
  std::vector<Finding> findings{disk_space(config)};
  const backups::Owner owner = backups::owner_of_data(config);
  for (const auto& path : config.library.paths) findings.push_back(judge_films(path, owner, pid));
  if (config.library.paths.empty()) {
    findings.push_back(
        odd("films", "there is no folder of films", "set library.paths (CARREL_LIBRARY_PATHS)"));
  }
  findings.push_back(descriptors(config, pid));
  return findings;
}

}  // namespace carrel::cli::doctor
