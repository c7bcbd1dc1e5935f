#include "orchestrator/chores.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <system_error>

#include "base/unix_time.hpp"
#include "orchestrator/jobs/sweep.hpp"
#include "orchestrator/observe/log.hpp"

namespace carrel {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kTrimEvery{3600};
constexpr std::chrono::hours kSweepEvery{1};
constexpr std::int64_t kKeptWhenGone = 30 * 86'400;  // seconds
constexpr std::chrono::seconds kLoopTick{1};
constexpr std::chrono::seconds kLookAtDiskEvery{15};

}  // namespace

asio::awaitable<void> trim_audit(accounts::AuditLog& audit, std::chrono::seconds keep) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const Result<void> trimmed = co_await audit.trim(keep);
    if (trimmed.has_error()) log::error("audit.failed", {{"reason", trimmed.error().message}});
    asio::steady_timer timer(executor, kTrimEvery);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> sweep_gone(library::Library& library, Making& making) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    // Not at once: the first scan brings back what was away while no daemon ran.
    asio::steady_timer timer(executor, kSweepEvery);
    co_await timer.async_wait(asio::use_awaitable);
    const std::int64_t before = unix_now() - kKeptWhenGone;
    const Result<void> swept = co_await jobs::sweep_gone(library, making.jobs, making.pictures, before);
    if (swept.has_error()) log::error("sweep.failed", {{"reason", swept.error().message}});
  }
}

asio::awaitable<void> measure_free_space(observe::Metrics& metrics, WorkPool& pool, fs::path folder) {
  const auto executor = co_await asio::this_coro::executor;
  const auto look = [&folder]() -> Result<std::uint64_t> {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return errno_error("look at the disk of " + folder.string(), error.value());
    return std::uint64_t{space.available};
  };
  for (;;) {
    const Result<std::uint64_t> free = co_await offload(pool, look);
    // What cannot be looked at now is no news; /readyz tells whether the disk takes writes.
    if (free.has_value()) metrics.data_free(*free);
    asio::steady_timer timer(executor, kLookAtDiskEvery);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> measure_loop_delay(observe::Metrics& metrics) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const auto due = std::chrono::steady_clock::now() + kLoopTick;
    asio::steady_timer timer(executor, due);
    co_await timer.async_wait(asio::use_awaitable);
    metrics.loop_delay(std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count());
  }
}

asio::awaitable<void> tell_alive(const ServiceManager& manager, std::function<std::string()> status) {
  const auto executor = co_await asio::this_coro::executor;
  const auto beat = manager.beat();
  if (!beat) co_return;
  for (;;) {
    asio::steady_timer timer(executor, *beat);
    co_await timer.async_wait(asio::use_awaitable);
    manager.alive(status());
  }
}

}  // namespace carrel
