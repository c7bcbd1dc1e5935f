#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/cgroup/hierarchy.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/sandbox/cpu_burst.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/slots.hpp"

namespace carrel::sandbox {

class Sandboxes;

/// A sandbox whose container runs.
struct Running {
  std::string sandbox;
  std::string container;
};

[[nodiscard]] std::vector<Running> running(const Sandboxes& sandboxes);

/// One look at all sandboxes.
struct Round {
  double seconds = 0;            ///< reading the kernel's files took, on the sampler's own thread
  std::size_t from_kernel = 0;   ///< sandboxes measured by their cgroups
  std::size_t from_engine = 0;   ///< by the engine, because the cgroups cannot be seen
  std::size_t not_measured = 0;  ///< by neither; ending, most likely
};

/// What others want to hear of it. Called on the I/O thread; must not block.
struct SamplerObserver {
  std::function<void(std::size_t slot, const cgroup::Usage&)> on_sample;
  std::function<void(std::size_t slot)> on_gone;
  std::function<void(std::uint64_t more)> on_oom_kills;
  std::function<void(const Round&)> on_round;
  std::function<void(const Error&)> on_error;        ///< the cgroups cannot be seen; once
  std::function<void(const Error&)> on_burst_error;  ///< the CPU burst cannot be had; once
};

/// Measures every running sandbox again and again and keeps the last figures. The engine is asked once about
/// each sandbox, for its process; from then on the kernel's files are read, on a thread of the sampler's own.
/// Knowing where those files are, it is also who grants the CPU burst. I/O thread only; destroy it before the
/// io_context.
class Sampler final : public CpuBurst {
 public:
  struct Options {
    std::chrono::milliseconds every{5000};  ///< from the end of one look to the next
    double cpu_burst = 0;                   ///< of each sandbox, as a share of its CPU limit; 0 to 1
    /// Called once, on the sampler's thread.
    std::function<Result<cgroup::Hierarchy>()> find = &cgroup::Hierarchy::find;
  };

  Sampler(boost::asio::any_io_executor executor, Engine& engine, std::function<std::vector<Running>()> living,
          Options options, SamplerObserver observer);

  void start();
  /// No look follows the one that is under way.
  void stop();

  /// The figures of the last look; none when it has not been measured yet, or has ended.
  [[nodiscard]] std::optional<cgroup::Usage> last(std::string_view sandbox) const;

  /// For who learns that a sandbox died of want of memory: its cgroup goes with it, and nobody can read the
  /// count any more. Counts each kill once, whoever sees it first.
  void died_of_oom(std::string_view sandbox);

  // CpuBurst
  boost::asio::awaitable<void> withhold(std::string sandbox) override;
  boost::asio::awaitable<void> grant(std::string sandbox) override;

  /// One look; start() does so every few seconds.
  boost::asio::awaitable<void> look();

 private:
  struct Tracked {
    std::string container;
    std::size_t slot = 0;
    bool asked = false;  ///< the engine has told its process
    std::optional<cgroup::Location> location;
    std::optional<cgroup::Usage> usage;
    std::uint64_t oom_kills = 0;  ///< counted so far
  };
  struct Questions;
  static constexpr std::size_t kMostQueued = 1024;  ///< a look, and limits that are being changed
  using Table = std::map<std::string, Tracked, std::less<>>;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> find_cgroups();
  void follow_the_living();
  boost::asio::awaitable<void> locate_new_ones();
  boost::asio::awaitable<Result<cgroup::Location>> locate(std::int64_t pid, std::string container);
  /// Also of one that no look has found yet; empty: it cannot be seen.
  boost::asio::awaitable<std::optional<cgroup::Location>> location_of(std::string sandbox);
  boost::asio::awaitable<void> set_burst(cgroup::Location location, double share);
  boost::asio::awaitable<void> read_cgroups(Round& round);
  boost::asio::awaitable<void> ask_engine(Round& round);
  boost::asio::awaitable<void> ask_in_turn(std::shared_ptr<Questions> questions);
  void take(const std::string& sandbox, const cgroup::Usage& usage);

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  std::function<std::vector<Running>()> living_;
  Options options_;
  SamplerObserver observer_;
  std::optional<Result<cgroup::Hierarchy>> hierarchy_;  ///< once looked for
  Table tracked_;                                       ///< by sandbox id
  std::set<std::string, std::less<>> withheld_;         ///< by sandbox id
  bool burst_refused_ = false;                          ///< and that was told
  Slots slots_;
  bool stopped_ = false;
  boost::asio::steady_timer timer_;
  WorkPool thread_{1, kMostQueued};  // last: joined before what its work leads back to
};

}  // namespace carrel::sandbox
