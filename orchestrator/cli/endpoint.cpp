#include "orchestrator/cli/endpoint.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "orchestrator/config/inputs.hpp"
#include "orchestrator/config/small_file.hpp"

namespace carrel::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr char kSystemData[] = "/var/lib/carrel";
constexpr char kSystemSocket[] = "/run/carrel/admin.sock";  // of the systemd units

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// By the directory's descriptor: sun_path has room for 107 bytes only.
Answer<Endpoint> local_endpoint(const std::string& path) {
  const fs::path socket = fs::path(path).lexically_normal();
  const fs::path parent = socket.has_parent_path() ? socket.parent_path() : fs::path(".");
  Endpoint endpoint;
  endpoint.shown = path;
  endpoint.base_url = "http://carreld";
  endpoint.directory = UniqueFd(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!endpoint.directory) {
    const bool forbidden = errno == EACCES;
    const std::string message = errno_error("open " + parent.string(), errno).message;
    if (forbidden) return fail(ExitCode::refused, message, kRunAsOwner);
    return fail(ExitCode::unreachable, message + "; is carreld running there?");
  }
  endpoint.unix_socket =
      "/proc/self/fd/" + std::to_string(endpoint.directory.get()) + "/" + socket.filename().string();
  return endpoint;
}

Answer<std::string> read_token(const std::string& path) {
  auto content = config::read_small_file(path, kMaxToken);
  if (content.has_error()) return fail(ExitCode::usage, content.error().message);
  std::string token = std::move(*content);
  token.erase(token.find_last_not_of(" \r\n") + 1);
  if (token.empty() || token.find_first_of(" \r\n\t") != std::string::npos) {
    return fail(ExitCode::usage, path + " holds no token; make one with carrelctl token add");
  }
  return token;
}

Answer<Endpoint> remote_endpoint(const Globals& globals) {
  Endpoint endpoint;
  endpoint.base_url = globals.url;
  while (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  endpoint.shown = endpoint.base_url;
  endpoint.ca_file = globals.ca_file;
  if (!endpoint.base_url.starts_with("https://") && !endpoint.base_url.starts_with("http://")) {
    return fail(ExitCode::usage, "--url " + globals.url + " is no https:// address");
  }
  if (globals.token_file.empty()) {
    return fail(ExitCode::usage, "--url needs --token-file; make a token with carrelctl token add");
  }
  if (!keeps_a_secret(endpoint.base_url)) {
    return fail(ExitCode::usage, "a token is not sent in the clear to another machine; use https://");
  }
  auto token = read_token(globals.token_file);
  if (token.has_error()) return token.error();
  endpoint.token = std::move(*token);
  return endpoint;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 || errno == EACCES;
}

Failure nobody_there(const std::vector<std::string>& looked_at) {
  std::string places;
  for (const auto& path : looked_at) places += (places.empty() ? "" : ", ") + path;
  return fail(ExitCode::unreachable, "no carreld found; looked for its admin socket at " + places,
              std::string(kStartDaemon) + ", or name the socket with --socket");
}

}  // namespace

std::vector<std::string> candidate_sockets(const config::Config& config, const std::string& home,
                                           const std::string& xdg_data_home) {
  const config::Config untouched;
  const fs::path name = config.admin.socket.empty() ? untouched.admin.socket : config.admin.socket;
  std::vector<std::string> candidates{(config.data.dir / name).string()};
  if (config.data.dir != untouched.data.dir || name.is_absolute()) return candidates;
  // Where scripts/up and a system's service keep their data.
  if (!xdg_data_home.empty()) {
    candidates.push_back((fs::path(xdg_data_home) / "carrel" / name).string());
  } else if (!home.empty()) {
    candidates.push_back((fs::path(home) / ".local/share/carrel" / name).string());
  }
  candidates.push_back((fs::path(kSystemData) / name).string());
  candidates.emplace_back(kSystemSocket);
  return candidates;
}

bool keeps_a_secret(const std::string& url) {
  if (url.starts_with("https://")) return true;
  std::string host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  // "user@host" would name another host than it seems to.
  if (host.find('@') != std::string::npos) return false;
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host == "127.0.0.1";
}

Answer<Endpoint> find_endpoint(const Globals& globals) {
  const std::string url = globals.url.empty() ? variable("CARRELCTL_URL") : globals.url;
  if (!globals.socket.empty()) {
    if (!globals.url.empty()) return fail(ExitCode::usage, "--socket and --url exclude each other");
    return local_endpoint(globals.socket);
  }
  if (!url.empty()) {
    Globals remote = globals;
    remote.url = url;
    if (remote.token_file.empty()) remote.token_file = variable("CARRELCTL_TOKEN_FILE");
    return remote_endpoint(remote);
  }
  const auto config = config::load(config::inputs_whatever_the_plan(globals.config));
  if (config.has_error()) {
    return fail(ExitCode::failed, config.error().message, "mend it, or name the socket with --socket");
  }
  const auto candidates = candidate_sockets(*config, variable("HOME"), variable("XDG_DATA_HOME"));
  for (const auto& path : candidates) {
    if (exists(path)) return local_endpoint(path);
  }
  return nobody_there(candidates);
}

}  // namespace carrel::cli
