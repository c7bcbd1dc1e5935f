#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/cli/backups/owner.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"

/// Looks at the machine as carreld would find it. Nothing is changed.
namespace carrel::cli::doctor {

inline constexpr char kOk[] = "ok";
inline constexpr char kWarning[] = "warning";
inline constexpr char kFailed[] = "failed";

struct Finding {
  std::string check;
  std::string state;  ///< one of the above
  std::string detail;
  std::string remedy;  ///< what to do; empty when ok
};

[[nodiscard]] inline Finding good(std::string check, std::string detail) {
  return {std::move(check), kOk, std::move(detail), {}};
}
[[nodiscard]] inline Finding odd(std::string check, std::string detail, std::string remedy) {
  return {std::move(check), kWarning, std::move(detail), std::move(remedy)};
}
[[nodiscard]] inline Finding bad(std::string check, std::string detail, std::string remedy) {
  return {std::move(check), kFailed, std::move(detail), std::move(remedy)};
}

/// The engine's socket and version, its cgroup controllers and seccomp, the streamer's image. Blocks for at
/// most some seconds.
[[nodiscard]] std::vector<Finding> examine_engine(const config::Config& config);

/// From the answers of the engine's /version and /info; members that are missing are not held against it.
[[nodiscard]] std::vector<Finding> judge_engine(const nlohmann::json& version, const nlohmann::json& info);

/// How the engine is set up, by sections 2 and 3 of the CIS Docker benchmark as far as its answers tell. What
/// does not concern Carrel's own containers is a hint, a warning.
[[nodiscard]] std::vector<Finding> judge_setup(const nlohmann::json& version, const nlohmann::json& info);

/// Who may use the engine's socket, of one whose answer to /info is this.
[[nodiscard]] Finding judge_socket(const std::string& path, const nlohmann::json& info);

[[nodiscard]] bool is_podman(const nlohmann::json& version);
[[nodiscard]] bool has_security_option(const nlohmann::json& info, std::string_view option);

/// Of carreld.service's process, as systemctl has it. Empty: there is none.
[[nodiscard]] std::string main_pid();

/// Disk space, film folders as the data's owner sees them; descriptors, as the process `pid` has them,
/// or this one if that is empty.
[[nodiscard]] std::vector<Finding> examine_host(const config::Config& config, const std::string& pid);

/// What a carreld that answers says of itself.
struct Daemon {
  std::string version;                   ///< empty: it is on another machine, perhaps
  std::int64_t certificate_expires = 0;  ///< of the one that it uses; 0: none, or it did not say
};

/// The data directory's rights, the address if no `daemon` runs, the certificate, backups, the program.
[[nodiscard]] std::vector<Finding> examine_service(const config::Config& config,
                                                   const std::optional<Daemon>& daemon,
                                                   const std::string& pid);

/// Whatever the configuration: the units, and the user that they run as.
[[nodiscard]] std::vector<Finding> examine_units();

[[nodiscard]] Finding judge_clock();
/// For when no daemon works on it; `config` was read from `inputs`. Blocks: all of it is read.
[[nodiscard]] Finding judge_database(const config::Config& config, const config::LoadInputs& inputs);

/// "0755"
[[nodiscard]] std::string octal(mode_t mode);

[[nodiscard]] Finding judge_data(const config::Config& config);
/// `socket_state`: carreld.socket's ActiveState, as systemctl has it. Empty: not known.
[[nodiscard]] Finding judge_port(const config::Config& config, const std::string& socket_state);
/// `listens`: the first address of carreld.socket, as systemctl has its Listen. Nothing to say when it is the
/// configured one, or not known.
[[nodiscard]] std::vector<Finding> judge_socket_unit(const std::string& listens,
                                                     const config::Config& config);
/// `on_disk` and `in_use` by a running daemon, 0 if none says so, are when they end.
[[nodiscard]] Finding judge_certificate(std::int64_t on_disk, std::int64_t in_use, std::int64_t now);
/// From an answer to /metrics; 0 when it does not say.
[[nodiscard]] std::int64_t certificate_in_use(const std::string& metrics);
/// Whether the `running` version is the `installed` one, of a process whose /proc/PID/exe is `executable`.
/// Either of the first and the last may be empty: not known.
[[nodiscard]] std::vector<Finding> judge_program(const std::string& running, const std::string& installed,
                                                 const std::string& executable);
/// The hard limit of open files in a /proc/PID/limits; nothing when it has none.
[[nodiscard]] std::optional<std::uint64_t> descriptors_in(const std::string& limits);
/// With the eyes of `owner`, and of the daemon `pid` where it runs.
[[nodiscard]] Finding judge_films(const std::filesystem::path& path, const backups::Owner& owner,
                                  const std::string& pid = {});
[[nodiscard]] std::vector<Finding> judge_tls_files(const config::Config& config, const backups::Owner& owner,
                                                   const std::string& pid = {});
/// `shelf`: the newest first, or why it cannot be listed.
[[nodiscard]] Finding judge_backup(const Result<std::vector<backup::Shelved>>& shelf,
                                   const std::filesystem::path& folder, std::int64_t now);
/// Those that failed: by carreld.service's ActiveState and the Result of carrel-backup.service, as systemctl
/// has them. Empty: not known.
[[nodiscard]] std::vector<Finding> judge_units(const std::string& state, const std::string& backed_up);
/// FOLDER of carrel-backup.service's environment, as systemctl prints it.
[[nodiscard]] std::filesystem::path nightly_folder(const std::string& environment,
                                                   const std::filesystem::path& otherwise);

}  // namespace carrel::cli::doctor
