#include "orchestrator/shedding.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/unix_time.hpp"
#include "hwtune/machine/root.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel {

namespace asio = boost::asio;

namespace {

using strain::Level;

/// As a log line, an event and a metric.
void tell(const strain::Shedding& now, const Shed& parts) {
  const int level = static_cast<int>(now.level);
  parts.metrics.shedding(level);
  const nlohmann::json data{{"at", unix_now()}, {"level", level}, {"reason", now.why}};
  parts.feed.publish("machine.shedding", {},
                     data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (now.level == Level::none) {
    log::info("machine.recovered", {});
    return;
  }
  const bool nothing_new = now.level == Level::no_new_sandboxes;
  log::warn(
      "machine.shedding",
      {{"refused", nothing_new ? "conversions and new sandboxes" : "some conversions"}, {"reason", now.why}});
}

void tell_plan(const config::Config& config) {
  const auto& plan = config.taken_plan;
  if (!plan) return;
  log::info("plan.taken", {{"file", config.admission.plan.string()},
                           {"machine", plan->machine},
                           {"sessions", plan->sessions},
                           {"mbit", plan->mbit},
                           {"conversions", plan->conversions},
                           {"limited_by", plan->limited_by},
                           {"measured", plan->measured}});
}

}  // namespace

StrainWatch::StrainWatch(Options options, Tell tell)
    : options_(std::move(options)), tell_(std::move(tell)), shedder_(options_.memory_reserve) {}

Result<machine::Strain> StrainWatch::read_this_machine() {
  const auto root = machine::Root::open("/");
  if (root.has_error()) return root.error();
  return machine::read_strain(*root);
}

asio::awaitable<void> StrainWatch::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  bool complained = false;
  for (;;) {
    const auto read = options_.read;
    const Result<machine::Strain> strain = co_await offload(thread_, read);
    if (strain.has_error() && !complained) {
      complained = true;
      log::warn("machine.not_seen", {{"reason", strain.error().message}});
    }
    if (strain.has_value()) {
      const strain::Shedding& now = shedder_.judge(*strain, strain::Shedder::Clock::now());
      if (now.level != told_.level || now.cause != told_.cause) {
        told_ = now;
        tell_(told_);
      }
    }
    timer.expires_after(options_.every);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

StrainWatch::Tell shed_in(const config::Config& config, const Shed& parts) {
  return [&config, parts](const strain::Shedding& now) {
    tell(now, parts);
    parts.sandboxes.shed(now.level == Level::no_new_sandboxes ? now.why : std::string());
    std::optional<std::size_t> workers;
    if (now.level == Level::fewer_conversions) workers = config.jobs.workers / 2;
    if (now.level == Level::no_new_sandboxes) workers = 0;
    parts.jobs.hold(workers, now.why);
  };
}

void look_after_machine(const asio::any_io_executor& executor, const config::Config& config,
                        StrainWatch& watch) {
  tell_plan(config);
  if (config.admission.shed) spawn(executor, watch.run(), "watching the machine");
}

}  // namespace carrel
