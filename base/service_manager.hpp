#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carrel {

/// What supervises this process, by the protocol of sd_notify(3) and sd_watchdog_enabled(3): datagrams to the
/// socket that NOTIFY_SOCKET names. Where nothing supervises it, every call does nothing. Any thread.
class ServiceManager {
 public:
  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. They stay: the program that this process becomes by
  /// an upgrade needs them as well.
  [[nodiscard]] static ServiceManager of_environment();

  /// The start is over, and so is a reload: `status` is one line for people.
  void ready(std::string_view status) const;
  /// A successor is being looked at or takes over; ready() ends it.
  void reloading(std::string_view status) const;
  void stopping(std::string_view status) const;
  /// Whoever calls this lives. To be called by the thread whose life matters, in its turn.
  void alive(std::string_view status) const;

  /// How often alive() is to be called: a third of what the manager waits before it ends the process. None:
  /// not watched.
  [[nodiscard]] std::optional<std::chrono::microseconds> beat() const { return beat_; }

 private:
  void tell(std::string_view state, std::string_view status) const;

  std::string socket_;  ///< empty: nobody listens
  std::optional<std::chrono::microseconds> beat_;
};

}  // namespace carrel
