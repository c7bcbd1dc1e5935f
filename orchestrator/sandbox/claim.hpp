#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace carrel::sandbox {

/// What one session may have of the host. A zero: as every sandbox.
struct SessionLimits {
  std::size_t streams = 0;         ///< answers at once
  std::uint64_t memory_bytes = 0;  ///< of its container
  double cpus = 0;                 ///< of its container
  std::uint64_t bandwidth = 0;     ///< bytes a second, all its answers together; 0: no bound
  friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

/// Who asks for a sandbox.
struct Claim {
  std::string session;
  std::string user;
  std::optional<SessionLimits> limits{};  ///< absent: as every sandbox
};

/// Why somebody does not get a sandbox, or an answer of it, now.
struct Refusal : Error {
  enum class Why { failed, full, user_crashes, film_crashes, too_many_streams };

  Refusal() = default;
  Refusal(Error error) : Error(std::move(error)) {}  // NOLINT: an Error is a refusal for no special reason
  Refusal(Error error, Why reason, std::chrono::seconds wait)
      : Error(std::move(error)), why(reason), retry_after(wait) {}

  Why why = Why::failed;
  std::chrono::seconds retry_after{0};  ///< 0: nobody knows
  std::size_t position = 0;             ///< in the waiting line, from 1; 0: not in it
};

template <class T>
using Granted = boost::system::result<T, Refusal>;

}  // namespace carrel::sandbox
