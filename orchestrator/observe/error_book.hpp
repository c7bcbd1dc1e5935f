#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/observe/log.hpp"

namespace carrel::log {

/// The same error, however often it came.
struct ErrorGroup {
  Level level = Level::warn;
  std::string event;
  std::string message;  ///< of the last one
  std::uint64_t count = 0;
  std::chrono::system_clock::time_point first;
  std::chrono::system_clock::time_point last;
  std::string request, session, sandbox;  ///< that the last one belonged to
};

/// Warnings and errors of the log by what they say; ids and numbers in them make no difference. Any thread.
class ErrorBook {
 public:
  static constexpr std::size_t kMost =
      128;  ///< groups; beyond that the one that came longest ago is forgotten

  void note(std::chrono::system_clock::time_point time, Level level, std::string_view event, Fields fields);
  /// The one that came last first.
  [[nodiscard]] std::vector<ErrorGroup> groups() const;
  /// Lines noted, of forgotten groups too.
  [[nodiscard]] std::uint64_t noted() const;

 private:
  struct Entry {
    std::string key;
    ErrorGroup group;
  };
  mutable std::mutex mutex_;
  std::list<Entry> entries_;
  std::uint64_t noted_ = 0;
};

/// That of the log.
[[nodiscard]] ErrorBook& error_book();

}  // namespace carrel::log
