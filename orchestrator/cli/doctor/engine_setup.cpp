// Docker's engine held against sections 2 and 3 of the CIS Docker benchmark.
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/cli/doctor/doctor.hpp"
#include "orchestrator/cli/format.hpp"

namespace carrel::cli::doctor {

using nlohmann::json;

namespace {

// From Docker 25 on /info tells of it.
constexpr int kApiWithNewPrivileges = 44;
constexpr char kRestart[] = " in /etc/docker/daemon.json, then systemctl restart docker";

const json& list_in(const json& object, std::string_view name) {
  static const json none = json::array();
  const json& value = member(object, name);
  return value.is_array() ? value : none;
}

std::string owner_name(uid_t owner) {
  const passwd* account = ::getpwuid(owner);
  return account == nullptr ? std::to_string(owner) : account->pw_name;
}

/// 2.7: no TCP without TLS that asks clients for a certificate. The engine's own warning names the address.
Finding address(const json& info) {
  constexpr std::string_view kWarning = "API is accessible on ";
  std::string open;
  for (const json& warning : list_in(info, "Warnings")) {
    const std::string text = warning.is_string() ? warning.get<std::string>() : std::string();
    const auto at = text.find(kWarning);
    if (at == std::string::npos) continue;
    const auto begin = at + kWarning.size();
    open += (open.empty() ? "" : ", ") + text.substr(begin, text.find(' ', begin) - begin);
  }
  if (open.empty()) return good("engine address", "no open TCP port");
  return bad("engine address", "whoever reaches " + open + " is root on this host",
             std::string("take the tcp:// address out of dockerd's options and of \"hosts\"") + kRestart);
}

bool is_loopback(const std::string& registry) {
  const bool is_ipv4 = registry.find_first_not_of("0123456789.:/") == std::string::npos;
  return (is_ipv4 && registry.starts_with("127.")) || registry == "::1/128" ||
         registry.starts_with("[::1]") || registry == "localhost" || registry.starts_with("localhost:");
}

/// 2.5
Finding registries(const json& info) {
  const json& registry = member(info, "RegistryConfig");
  std::vector<std::string> insecure;
  for (const json& range : list_in(registry, "InsecureRegistryCIDRs"))
    if (range.is_string()) insecure.push_back(range.get<std::string>());
  const json& indexes = member(registry, "IndexConfigs");
  if (indexes.is_object()) {
    for (const auto& [name, index] : indexes.items())
      if (member(index, "Secure") == false) insecure.push_back(name);
  }
  std::erase_if(insecure, is_loopback);
  if (insecure.empty()) return good("registries", "none without TLS");
  std::string names;
  for (const std::string& one : insecure) names += (names.empty() ? "" : ", ") + one;
  return bad("registries", "images come from " + names + " without TLS: anybody between may change them",
             std::string("take it out of \"insecure-registries\"") + kRestart);
}

/// 2.6
Finding storage(const json& info) {
  const std::string driver = text_in(info, "Driver");
  if (driver != "aufs") return good("storage driver", driver);
  return bad("storage driver", "aufs is no longer maintained",
             std::string("set \"storage-driver\": \"overlay2\"") + kRestart);
}

/// 2.17
Finding experimental(const json& info) {
  if (member(info, "ExperimentalBuild") != true) return good("experimental", "off");
  return odd("experimental", "the engine's experimental features are on",
             std::string("take \"experimental\" out") + kRestart);
}

/// 2.14
Finding live_restore(const json& info) {
  if (member(info, "LiveRestoreEnabled") != false) return good("live restore", "on");
  return odd("live restore", "a restart of the engine ends every sandbox, and films stand still meanwhile",
             std::string("set \"live-restore\": true") + kRestart);
}

int api_minor(const json& version) {
  const std::string api = text_in(version, "ApiVersion");
  int minor = 0;
  if (api.starts_with("1.")) std::from_chars(api.data() + 2, api.data() + api.size(), minor);
  return minor;
}

/// 2.13
Finding new_privileges(const json& info) {
  if (has_security_option(info, "name=no-new-privileges"))
    return good("new privileges", "no container gets any");
  return odd("new privileges", "containers other than Carrel's may get some (setuid programs)",
             std::string("set \"no-new-privileges\": true") + kRestart);
}

}  // namespace

bool is_podman(const json& version) {
  return std::ranges::any_of(list_in(version, "Components"), [](const json& component) {
    return text_in(component, "Name").find("Podman") != std::string::npos;
  });
}

/// Options are "name=seccomp,profile=default".
bool has_security_option(const json& info, std::string_view option) {
  return std::ranges::any_of(list_in(info, "SecurityOptions"), [option](const json& one) {
    if (!one.is_string()) return false;
    const std::string text = one.get<std::string>() + ",";
    return text.starts_with(std::string(option) + ",");
  });
}

Finding judge_socket(const std::string& path, const json& info) {
  const std::string check = "engine socket";
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return bad(check, errno_error("look at " + path, errno).message, "set engine.socket");
  const std::string mode = octal(status.st_mode);
  // 3.16
  if ((status.st_mode & S_IWOTH) != 0) {
    return bad(check, "everybody on this host may use " + path + " (" + mode + "), and is root by it",
               "chmod 660 " + path + "; for good: SocketMode=0660 in docker.socket of systemd");
  }
  const std::string owner = owner_name(status.st_uid);
  // 3.15
  if (status.st_uid != 0 && !has_security_option(info, "name=rootless")) {
    return odd(check, path + " belongs to " + owner + ", who is root by it",
               "chown root:docker " + path + ", unless a proxy that lets little through listens there");
  }
  return good(check, "of " + owner + ", " + mode);
}

std::vector<Finding> judge_setup(const json& version, const json& info) {
  if (!info.is_object()) return {};
  std::vector<Finding> findings{address(info), registries(info), storage(info)};
  // Podman has no daemon to be set up, and calls itself experimental.
  if (is_podman(version)) return findings;
  findings.push_back(experimental(info));
  findings.push_back(live_restore(info));
  if (api_minor(version) >= kApiWithNewPrivileges) findings.push_back(new_privileges(info));
  return findings;
}

}  // namespace carrel::cli::doctor
