#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/journal.hpp"
#include "tests/support/temporary_directory.hpp"

/// An engine whose containers are one socket each, with the faults that a test asks for.
namespace carrel::sandbox::fake {

struct Container {
  ContainerSpec spec;
  bool running = false;
  bool paused = false;
  bool oom_killed = false;
  int exit_code = 0;
  std::int64_t pid = 0;
  std::int64_t created_at = 0;
  bool hangs = false;                   ///< its streamer reads nothing
  UniqueFd streamer;                    ///< the other end of the control socket
  std::vector<std::uint64_t> asked{};   ///< requests that its streamer was given and has not ended
  std::uint32_t earlier_transfers = 0;  ///< for the daemon before; each ping finds more of them sent
  std::uint64_t earlier_bytes = 0;
};

/// What one call of the engine comes to, beside what it always does.
struct Fault {
  std::optional<Error> error{};
  bool after = false;  ///< the call takes effect and is said to have failed
  std::chrono::milliseconds delay{0};
};

class FakeEngine final : public Engine {
 public:
  std::map<std::string, Container> containers;  ///< by id
  std::optional<Error> create_fails, start_fails, remove_fails, list_fails;
  bool says_hello = true;
  int looks_until_noticed = 0;  ///< so often a dead container is still called running
  std::size_t most_at_once = 0;
  int stats_calls = 0;
  int inspect_calls = 0;
  std::optional<Error> inspect_fails;
  std::optional<Error> pause_fails, unpause_fails, image_fails, update_fails;
  std::string image_id = "sha256:fake";
  std::vector<ContainerSpec> created;  ///< each one that was asked for, in order
  std::vector<std::string> updated;    ///< "id memory nano_cpus"
  std::function<Fault(const std::string& call, const std::string& target)> on_call;
  std::function<void(EngineEvent)> on_event;  ///< of the latest subscription
  std::function<void()> on_gap;

  /// Each streamer that does not hang and is not frozen reads what it was sent: a ping is answered, a request
  /// remembered.
  void pump();
  /// Says that the container died.
  void tell(const std::string& action, const std::string& id);

  /// The process in the container ends; the engine says so and the socket closes.
  void die(const std::string& id, int exit_code, bool oom_killed = false);

  /// The streamer connects to its control socket and says hello.
  Result<void> connect_streamer(const std::string& id);

  boost::asio::awaitable<Result<EngineInfo>> info() override;
  boost::asio::awaitable<Result<std::string>> create(ContainerSpec spec) override;
  boost::asio::awaitable<Result<void>> start(std::string id) override;
  boost::asio::awaitable<Result<ContainerState>> inspect(std::string id) override;
  boost::asio::awaitable<Result<void>> kill(std::string id, std::string signal) override;
  boost::asio::awaitable<Result<void>> remove(std::string id) override;
  boost::asio::awaitable<Result<int>> wait(std::string id) override;
  boost::asio::awaitable<Result<std::vector<ContainerState>>> list(Labels with_labels) override;
  boost::asio::awaitable<Result<std::string>> logs(std::string id, std::size_t last_lines) override;
  boost::asio::awaitable<Result<void>> update(std::string id, std::uint64_t memory_bytes,
                                              std::uint64_t nano_cpus) override;
  boost::asio::awaitable<Result<cgroup::Usage>> stats(std::string id) override;
  boost::asio::awaitable<Result<void>> pause(std::string id) override;
  boost::asio::awaitable<Result<void>> unpause(std::string id) override;
  boost::asio::awaitable<Result<ImageInfo>> image(std::string reference) override;
  std::unique_ptr<Subscription> events(Labels with_labels, std::function<void(EngineEvent)> on_event,
                                       std::function<void()> on_gap) override;
  [[nodiscard]] EngineHealth health() const override { return {}; }

 private:
  [[nodiscard]] Fault fault_of(const std::string& call, const std::string& target) const;
  std::map<std::string, Container>::iterator find(const std::string& id_or_name);
  int next_id_ = 1;
};

class FakeJournal final : public Journal {
 public:
  std::vector<JournalEntry> entries;
  /// Before an entry is written; says what this comes to.
  std::function<Fault(const JournalEntry&)> on_record;
  boost::asio::awaitable<Result<void>> record(JournalEntry entry) override;
  boost::asio::awaitable<Result<std::vector<JournalEntry>>> unfinished() override;

  /// "creating starting ready removed": one sandbox's life as it was written down.
  [[nodiscard]] std::string life_of(const std::string& sandbox) const;
};

/// A folder for control sockets.
using RunDirectory = carrel::support::TemporaryDirectory;

/// Runs the loop until `done`; false when that does not come true within ten seconds.
[[nodiscard]] bool run_until(boost::asio::io_context& loop, const std::function<bool()>& done);

}  // namespace carrel::sandbox::fake
