#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "hwtune/machine/strain.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/observe/event_feed.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "orchestrator/strain/shedder.hpp"

namespace carrel {

/// Looks at the machine every few seconds on a thread of its own and tells each change of what it is not to
/// take on. I/O thread only; destroy it before the io_context.
class StrainWatch {
 public:
  struct Options {
    std::chrono::milliseconds every{5000};
    std::uint64_t memory_reserve = 0;
    /// Called on the watch's thread; none: the machine cannot be read.
    std::function<Result<machine::Strain>()> read = &read_this_machine;
  };
  using Tell = std::function<void(const strain::Shedding&)>;

  StrainWatch(Options options, Tell tell);

  boost::asio::awaitable<void> run();

  /// What was told last; the same object for as long as this lives.
  [[nodiscard]] const strain::Shedding& now() const noexcept { return told_; }

  [[nodiscard]] static Result<machine::Strain> read_this_machine();

 private:
  Options options_;
  Tell tell_;
  strain::Shedder shedder_;
  strain::Shedding told_;
  WorkPool thread_{1, 1};
};

/// Whom it concerns what the machine cannot bear.
struct Shed {
  observe::Metrics& metrics;
  observe::EventFeed& feed;
  sandbox::Sandboxes& sandboxes;
  jobs::Jobs& jobs;
};

/// Tells each change as a log line, an event and a metric, and keeps what is shed from being taken on. What
/// it is given outlives the function.
[[nodiscard]] StrainWatch::Tell shed_in(const config::Config& config, const Shed& parts);

/// At the start: tells what the plan promises, if there is one, and begins to watch, if that is wanted.
void look_after_machine(const boost::asio::any_io_executor& executor, const config::Config& config,
                        StrainWatch& watch);

}  // namespace carrel
