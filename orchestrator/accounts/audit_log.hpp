#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::accounts {

/// The audit trail for those whose change is not in the database itself; Accounts writes its lines together
/// with its changes. All members on the I/O thread. The store must outlive it.
class AuditLog {
 public:
  /// `on_error` is told, on the I/O thread, what could not be written.
  AuditLog(store::Store& store, boost::asio::any_io_executor executor,
           std::function<void(const Error&)> on_error, std::function<std::int64_t()> now = unix_now);

  /// Writes that `actor` (a user's name, "local:NAME" or "carreld") did `action` (of [a-z_]) to `object`.
  /// Nobody waits. Texts are cut at 256 bytes. No secrets.
  void record(std::string actor, std::string action, std::string object, std::string detail);

  struct Page {
    std::vector<store::Event> events;  ///< the newest first
    bool more = false;                 ///< older ones match too
  };
  [[nodiscard]] boost::asio::awaitable<Result<Page>> find(store::EventQuery query);

  /// Deletes what is older than `keep`.
  [[nodiscard]] boost::asio::awaitable<Result<void>> trim(std::chrono::seconds keep);

 private:
  store::Store& store_;
  boost::asio::any_io_executor executor_;
  std::function<void(const Error&)> on_error_;
  std::function<std::int64_t()> now_;
};

}  // namespace carrel::accounts
