#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "base/service_manager.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/making.hpp"
#include "orchestrator/observe/metrics.hpp"

/// What is done again and again as long as the daemon lives.
namespace carrel {

boost::asio::awaitable<void> trim_audit(accounts::AuditLog& audit, std::chrono::seconds keep);
/// What was made of films whose file has been gone for 30 days: index, pictures, variants, jobs.
boost::asio::awaitable<void> sweep_gone(library::Library& library, Making& making);
/// Of the disk that `folder` is on. The pool outlives it.
boost::asio::awaitable<void> measure_free_space(observe::Metrics& metrics, WorkPool& pool,
                                                std::filesystem::path folder);
boost::asio::awaitable<void> measure_loop_delay(observe::Metrics& metrics);
/// Tells the manager that the loop turns: it goes through the loop itself, so a loop that hangs tells
/// nothing. `status` says for people what goes on.
boost::asio::awaitable<void> tell_alive(const ServiceManager& manager, std::function<std::string()> status);

}  // namespace carrel
