#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/cli/backups/make.hpp"
#include "orchestrator/cli/doctor/as_owner.hpp"
#include "orchestrator/cli/doctor/doctor.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/config/values.hpp"
#include "orchestrator/damage.hpp"
#include "orchestrator/lib/openssl/server_context.hpp"

namespace carrel::cli::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kOldBackup = 8 * kDaySeconds;
constexpr std::int64_t kCertificateWarning = 21 * kDaySeconds;
constexpr char kUnit[] = "carreld.service";
constexpr char kSocketUnit[] = "carreld.socket";
constexpr char kBackupUnit[] = "carrel-backup.service";
constexpr char kSystemd[] = "/run/systemd/system";
constexpr char kUser[] = "carrel";
constexpr char kGroup[] = "docker";

/// Empty: nobody can take it from us.
std::string why_taken(const std::string& listen) {
  const auto parsed = config::parse_listen(listen);
  if (parsed.has_error()) return {};
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(parsed->address.c_str(), std::to_string(parsed->port).c_str(), &hints, &found) != 0)
    return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> held(found, &::freeaddrinfo);
  const UniqueFd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int reuse = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0) return {};
  return errno_error("listen there", errno).message;
}

/// The answer of systemctl, which is asked for nothing but what it knows.
std::string unit_property(const std::string& unit, const std::string& property) {
  const std::string command = "systemctl show --property=" + property + " --value " + unit + " 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "re"), &::pclose);
  std::array<char, 4096> text{};
  if (!pipe || std::fgets(text.data(), text.size(), pipe.get()) == nullptr) return {};
  std::string value = text.data();
  value.erase(value.find_last_not_of('\n') + 1);
  return value;
}

bool is_member(const char* user, const char* group) {
  const passwd* account = ::getpwnam(user);
  if (account == nullptr) return false;
  std::vector<gid_t> groups(256);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(user, account->pw_gid, groups.data(), &count) < 0) return false;
  groups.resize(static_cast<std::size_t>(count));
  for (const gid_t one : groups) {
    const struct group* known = ::getgrgid(one);
    if (known != nullptr && std::string(known->gr_name) == group) return true;
  }
  return false;
}

}  // namespace

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

Finding judge_data(const config::Config& config) {
  const std::string check = "data in " + config.data.dir.string();
  struct stat status {};
  if (::stat(config.data.dir.c_str(), &status) != 0) {
    if (errno == ENOENT) return good(check, "not made yet");
    return bad(check, errno_error("look at it", errno).message, "run this as root or as the daemon's user");
  }
  if (!S_ISDIR(status.st_mode)) return bad(check, "it is no directory", "set data.dir to one");
  if ((status.st_mode & (S_IWGRP | S_IWOTH | S_IROTH)) != 0) {
    return bad(check, "others may look into it (" + octal(status.st_mode) + ")",
               "chmod 700 " + config.data.dir.string());
  }
  struct stat database {};
  const fs::path file = config.data.dir / "carrel.db";
  if (::stat(file.c_str(), &database) == 0 && database.st_uid != status.st_uid) {
    return bad(check, "its database belongs to another user than the directory",
               "chown --reference=" + config.data.dir.string() + " " + file.string() + "*");
  }
  return good(check, "private");
}

Finding judge_database(const config::Config& config, const config::LoadInputs& inputs) {
  const std::string check = "database";
  const auto damage = find_damage(config, inputs);
  if (damage) return bad(check, damage->what, damage->way_out);
  const fs::path file = config.data.dir / "carrel.db";
  if (::access(file.c_str(), R_OK) == 0) return good(check, "no damage found");
  if (errno == ENOENT) return good(check, "not made yet");
  return odd(check, errno_error("read " + file.string(), errno).message,
             "run this as root or as the daemon's user");
}

Finding judge_port(const config::Config& config, const std::string& socket_state) {
  const std::string check = "address " + config.http.listen;
  const std::string taken = why_taken(config.http.listen);
  if (taken.empty()) return good(check, "free");
  if (socket_state == "active") return good(check, "carreld.socket listens: whoever connects starts carreld");
  return bad(check, taken, "find what listens there (ss -ltnp), end it, or set http.listen");
}

std::vector<Finding> judge_socket_unit(const std::string& listens, const config::Config& config) {
  const std::string at = listens.substr(0, listens.find(' '));
  if (config::listens_as_wanted(at, config.http.listen)) return {};
  return {odd(
      "socket unit",
      "carreld.socket listens at " + at + ", in the place of http.listen = " + config.http.listen,
      "systemctl edit carreld.socket, with an empty ListenStream= before the new ones (docs/install.md); or "
      "set http.listen to what it has")};
}

Finding judge_certificate(std::int64_t on_disk, std::int64_t in_use, std::int64_t now) {
  if (in_use != 0 && on_disk > in_use) {
    const std::string detail = "the one in use ends " + rfc3339(in_use) +
                               (in_use <= now ? ", which is over" : "") + "; it was renewed (" +
                               rfc3339(on_disk) + "), but not read";
    const std::string remedy = "systemctl kill -s HUP carreld";
    return in_use <= now ? bad("certificate", detail, remedy) : odd("certificate", detail, remedy);
  }
  const std::int64_t expires = in_use != 0 ? in_use : on_disk;
  const std::string detail = "ends " + rfc3339(expires);
  const std::string remedy = "renew it, then systemctl kill -s HUP carreld";
  if (expires <= now) return bad("certificate", detail + ", which is over", remedy);
  return expires - now < kCertificateWarning ? odd("certificate", detail, remedy)
                                             : good("certificate", detail);
}

std::int64_t certificate_in_use(const std::string& metrics) {
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view name = "carrel_certificate_expiry_timestamp_seconds ";
    if (line.starts_with(name))
      return static_cast<std::int64_t>(std::strtod(line.c_str() + name.size(), nullptr));
  }
  return 0;
}

std::vector<Finding> judge_program(const std::string& running, const std::string& installed,
                                   const std::string& executable) {
  // As the kernel has a file whose name another one took.
  const bool replaced = executable.ends_with(" (deleted)");
  const bool other = !running.empty() && running != installed;
  if (!replaced && !other) return {};
  const std::string version = running.empty() ? "of before" : running;
  return {odd(
      "program",
      "the running carreld is " + version + ", installed is " + (other ? "" : "another ") + installed,
      "journalctl -u carreld says why it was not taken (upgrade.refused); then systemctl restart carreld")};
}

std::vector<Finding> judge_tls_files(const config::Config& config, const backups::Owner& owner,
                                     const std::string& pid) {
  std::vector<Finding> findings;
  const UniqueFd root = root_of(pid);
  for (const auto& file : {config.http.tls_certificate, config.http.tls_key}) {
    const int found = as_owner(owner, [&] {
      constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
      return UniqueFd(::openat(root.get(), below_root(file).c_str(), flags)) ? 0 : errno;
    });
    if (found == 0) continue;
    findings.push_back(
        bad("certificate", file.string() + ": " + std::strerror(found),
            "make it readable for the daemon's user (chgrp carrel and chmod 640), and its folders "
            "to be entered"));
  }
  return findings;
}

Finding judge_backup(const Result<std::vector<backup::Shelved>>& shelf, const fs::path& folder,
                     std::int64_t now) {
  if (shelf.has_error()) return odd("backup", shelf.error().message, "run this as root or as carrel");
  const std::string remedy =
      "carrelctl backup create makes one; systemctl enable --now carrel-backup.timer makes one each night";
  if (shelf->empty()) return odd("backup", "there is none in " + folder.string(), remedy);
  const std::string detail = "the newest is of " + age_text(shelf->front().made_at, now);
  return now - shelf->front().made_at > kOldBackup ? odd("backup", detail, remedy) : good("backup", detail);
}

std::vector<Finding> judge_units(const std::string& state, const std::string& backed_up) {
  std::vector<Finding> failed;
  if (state == "failed") {
    failed.push_back(bad("unit", "carreld.service failed",
                         "journalctl -u carreld -e says why; then systemctl reset-failed carreld.service "
                         "carreld.socket, and start both"));
  }
  if (!backed_up.empty() && backed_up != "success") {
    failed.push_back(bad("nightly backup", "the last one failed (" + backed_up + ")",
                         "journalctl -u carrel-backup -e says why; then systemctl start carrel-backup"));
  }
  return failed;
}

fs::path nightly_folder(const std::string& environment, const fs::path& otherwise) {
  fs::path folder;
  std::istringstream words(environment);
  for (std::string word; words >> std::quoted(word);) {
    if (word.starts_with("FOLDER=")) folder = word.substr(std::string_view("FOLDER=").size());
  }
  return folder.empty() ? otherwise : folder;
}

std::string main_pid() {
  std::error_code error;
  if (!fs::exists(kSystemd, error)) return {};
  const auto pid = unit_property(kUnit, "MainPID");
  return pid == "0" ? std::string() : pid;
}

std::vector<Finding> examine_service(const config::Config& config, const std::optional<Daemon>& daemon,
                                     const std::string& pid) {
  std::vector<Finding> findings{judge_data(config)};
  std::error_code error;
  const bool systemd = fs::exists(kSystemd, error);
  if (!daemon) {
    const auto socket = systemd ? unit_property(kSocketUnit, "ActiveState") : std::string();
    findings.push_back(judge_port(config, socket));
  }
  if (!config.http.tls_certificate.empty()) {
    const auto loaded = openssl::ServerContext::load(config.http.tls_certificate, config.http.tls_key);
    if (loaded.has_error()) {
      findings.push_back(
          bad("certificate", loaded.error().message, "set http.tls_certificate and http.tls_key"));
    } else {
      const auto unreadable = judge_tls_files(config, backups::owner_of_data(config), pid);
      findings.insert(findings.end(), unreadable.begin(), unreadable.end());
      const std::int64_t in_use = daemon ? daemon->certificate_expires : 0;
      if (unreadable.empty()) findings.push_back(judge_certificate((*loaded)->expires(), in_use, unix_now()));
    }
  }
  if (daemon) {
    const auto executable = fs::read_symlink("/proc/" + pid + "/exe", error);
    for (auto& one : judge_program(daemon->version, CARREL_VERSION, pid.empty() ? "" : executable.string())) {
      findings.push_back(std::move(one));
    }
  }
  fs::path folder = backups::default_folder(config);
  if (systemd) {
    folder = nightly_folder(unit_property(kBackupUnit, "Environment"), folder);
    if (unit_property(kSocketUnit, "ActiveState") == "active") {
      for (auto& one : judge_socket_unit(unit_property(kSocketUnit, "Listen"), config)) {
        findings.push_back(std::move(one));
      }
    }
  }
  const auto now = unix_now();
  findings.push_back(judge_backup(backup::on_shelf(folder, now), folder, now));
  return findings;
}

std::vector<Finding> examine_units() {
  std::vector<Finding> findings;
  std::error_code error;
  if (fs::exists(kSystemd, error))
    findings = judge_units(unit_property(kUnit, "ActiveState"), unit_property(kBackupUnit, "Result"));
  if (::getpwnam(kUser) != nullptr && ::getgrnam(kGroup) != nullptr && !is_member(kUser, kGroup)) {
    findings.push_back(bad("group", "the user carrel is not in the group docker", "adduser carrel docker"));
  }
  return findings;
}

}  // namespace carrel::cli::doctor
