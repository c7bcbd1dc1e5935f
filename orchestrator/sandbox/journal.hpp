#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/sandbox/container_plan.hpp"
#include "orchestrator/sandbox/lifecycle.hpp"

namespace carrel::sandbox {

struct JournalEntry {
  Identity identity;
  State state = State::planned;
  Reason reason = Reason::none;
  std::string container_id;  ///< empty before the engine answered
  std::string detail{};      ///< why, for people
};

/// Where each step is written before the engine is asked to take it, so that a crash leaves nothing unknown.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Durable when it returns. An entry in State::removed ends the record of that sandbox.
  virtual boost::asio::awaitable<Result<void>> record(JournalEntry entry) = 0;
  /// Everything not removed, oldest first.
  virtual boost::asio::awaitable<Result<std::vector<JournalEntry>>> unfinished() = 0;
};

}  // namespace carrel::sandbox
