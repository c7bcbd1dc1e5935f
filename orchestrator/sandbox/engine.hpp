#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/cgroup/usage.hpp"

/// The seam between sandboxes and what runs them. Values only; nothing here knows Docker's JSON.
namespace carrel::sandbox {

using Labels = std::map<std::string, std::string>;

struct Mount {
  std::string source;  ///< absolute path on the engine's host
  std::string target;
  bool read_only = true;
};

struct ContainerSpec {
  std::string name;
  std::string image;  ///< tag or digest
  std::vector<std::string> command;
  Labels labels;
  std::vector<Mount> mounts;
  std::string user;                ///< "uid:gid"
  std::uint64_t memory_bytes = 0;  ///< also the swap limit, so that none is used
  std::uint64_t nano_cpus = 0;     ///< 1e9 is one CPU
  unsigned cpu_shares =
      0;  ///< 2 to 262144, in relation to others that want the CPU too; 0: as the engine has it
  std::int64_t pids_limit = 0;
  unsigned io_weight = 0;  ///< 10 to 1000, in relation to others on the same disk; 0: as the kernel has it
  std::int64_t open_files = 0;      ///< RLIMIT_NOFILE, soft and hard
  std::int64_t max_file_bytes = 0;  ///< RLIMIT_FSIZE, soft and hard; 0: not limited
  std::string network_of;  ///< name of the container whose network namespace it joins; empty: one of its own,
                           ///< with nothing in it
  std::string seccomp_profile;  ///< the profile's JSON text; empty: the engine's default
};

struct ContainerState {
  std::string id;
  std::string name;
  std::string image_id;
  Labels labels;
  bool running = false;  ///< paused ones too
  bool paused = false;
  std::int64_t created_at = 0;  ///< seconds since 1970; 0 where the engine does not say (inspect)
  bool oom_killed = false;
  int exit_code = 0;
  std::int64_t pid = 0;  ///< of its first process, as the engine's host numbers it; 0: not running
};

struct ImageInfo {
  std::string id;  ///< "sha256:…"
  std::uint64_t size_bytes = 0;
};

struct EngineInfo {
  std::string product;  ///< "Docker" or "Podman"
  std::string version;
  std::string api_version;  ///< as negotiated
};

struct EngineEvent {
  std::string action;  ///< "start", "die", "oom", "destroy", …
  std::string container_id;
  Labels attributes;  ///< labels and exitCode among them
  std::int64_t time_ns = 0;
};

/// What the engine last was seen to be; for /readyz, the log and people.
struct EngineHealth {
  enum class State { unknown, ready, missing, refused, hanging, failing } state = State::unknown;
  std::string message;  ///< what is wrong and what to do; empty when ready
};

/// A container engine. Every call is made from the I/O thread, suspends the caller, and ends within its
/// deadline with ErrorKind::timeout at the latest; other failures carry the engine's own message. Cancelling
/// the awaiting coroutine is safe: the call goes on and its result is dropped.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual boost::asio::awaitable<Result<EngineInfo>> info() = 0;
  virtual boost::asio::awaitable<Result<std::string>> create(ContainerSpec spec) = 0;  ///< → container id
  virtual boost::asio::awaitable<Result<void>> start(std::string id) = 0;
  virtual boost::asio::awaitable<Result<ContainerState>> inspect(std::string id) = 0;
  virtual boost::asio::awaitable<Result<void>> kill(std::string id, std::string signal) = 0;
  virtual boost::asio::awaitable<Result<void>> remove(
      std::string id) = 0;  ///< forced; absent is success; busy: not yet
  virtual boost::asio::awaitable<Result<int>> wait(
      std::string id) = 0;  ///< → exit code; no deadline of its own
  virtual boost::asio::awaitable<Result<std::vector<ContainerState>>> list(
      Labels with_labels) = 0;  ///< stopped too
  virtual boost::asio::awaitable<Result<std::string>> logs(std::string id, std::size_t last_lines) = 0;
  virtual boost::asio::awaitable<Result<void>> update(std::string id, std::uint64_t memory_bytes,
                                                      std::uint64_t nano_cpus) = 0;
  /// What it uses; of a container that does not run, some zeros. Slow (Docker takes a second, two before
  /// API 1.41): the kernel's own files are to be preferred.
  virtual boost::asio::awaitable<Result<cgroup::Usage>> stats(std::string id) = 0;
  virtual boost::asio::awaitable<Result<void>> pause(std::string id) = 0;    ///< paused already is success
  virtual boost::asio::awaitable<Result<void>> unpause(std::string id) = 0;  ///< running already is success
  virtual boost::asio::awaitable<Result<ImageInfo>> image(std::string reference) = 0;

  /// Calls `on_event` on the I/O thread for containers with these labels until the returned handle is
  /// destroyed; reconnects by itself with backoff. `on_gap` is called when events may have been missed: list
  /// again then.
  struct Subscription {
    virtual ~Subscription() = default;
  };
  [[nodiscard]] virtual std::unique_ptr<Subscription> events(Labels with_labels,
                                                             std::function<void(EngineEvent)> on_event,
                                                             std::function<void()> on_gap) = 0;

  [[nodiscard]] virtual EngineHealth health() const = 0;
};

}  // namespace carrel::sandbox
