#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "orchestrator/cli/failure.hpp"
#include "orchestrator/cli/globals.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel::cli {

/// Where the daemon is, and as whom to speak to it.
struct Endpoint {
  std::string shown;        ///< for messages: the socket's path, or the URL
  std::string base_url;     ///< without a slash at the end
  std::string unix_socket;  ///< empty: TCP; at most 107 bytes, and valid as long as `directory` lives
  UniqueFd directory;
  std::string token;
  std::string ca_file;
};

/// For who finds no daemon, whether it is a package's or a checkout's.
inline constexpr char kStartDaemon[] =
    "start it with systemctl start carreld (of a package) or scripts/up (of a checkout)";

/// For whom the admin socket is not.
inline constexpr char kRunAsOwner[] = "run carrelctl as root or as the user that carreld runs as";

/// Sockets worth trying, best first: the configured one, else those of the usual data directories.
[[nodiscard]] std::vector<std::string> candidate_sockets(const config::Config& config,
                                                         const std::string& home,
                                                         const std::string& xdg_data_home);

/// Whether a token may be sent there: by https, or to this machine.
[[nodiscard]] bool keeps_a_secret(const std::string& url);

/// ExitCode::unreachable with where it was looked for; ExitCode::usage when the options contradict each
/// other.
[[nodiscard]] Answer<Endpoint> find_endpoint(const Globals& globals);

}  // namespace carrel::cli
