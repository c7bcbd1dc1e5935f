#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace carrel::hwtune {

/// What a disk says of itself. What it does not say is absent.
struct DiskHealth {
  std::string device;  ///< "sda"; empty: it cannot be seen
  std::string path;    ///< what is on such a one
  std::optional<bool> passed;
  std::optional<double> worn;  ///< share of what it is made for, 0 to 1 and beyond
  std::optional<std::int64_t> celsius;
  std::optional<std::int64_t> bad_sectors;  ///< reallocated and waiting for it, or media errors
  std::optional<std::int64_t> hours;
  bool asleep = false;  ///< it was not woken; what is known, if anything, is from before
  std::string why_not;  ///< nothing is known; empty: something is
};

/// What `smartctl --json --nocheck=standby --health --attributes` prints; empty: its time was over.
[[nodiscard]] DiskHealth parse_smart(const std::string& device, const std::string& json);

/// smartctl's output about a device; without a shell, within ten seconds.
using AskSmart = std::function<Result<std::string>(const std::string& device)>;
[[nodiscard]] Result<std::string> run_smartctl(const std::string& device);

}  // namespace carrel::hwtune
