#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/observe/metrics.hpp"

/// What is done again and again as long as the daemon lives.
namespace carrel {

boost::asio::awaitable<void> trim_audit(accounts::AuditLog& audit, std::chrono::seconds keep);
boost::asio::awaitable<void> measure_loop_delay(observe::Metrics& metrics);

}  // namespace carrel
