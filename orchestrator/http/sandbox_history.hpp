#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/http/services.hpp"
#include "orchestrator/store/sandboxes.hpp"

namespace carrel::http {

/// One step of a sandbox's life, as the audit trail has it.
struct Step {
  std::int64_t at = 0;  ///< seconds since 1970
  std::string state;
  std::string reason;  ///< empty: none
  std::string detail;
};

/// What is on record of a sandbox, dead or alive.
struct SandboxRecord {
  std::vector<Step> steps;                   ///< the oldest first
  std::optional<store::SandboxRow> journal;  ///< as long as it is kept

  [[nodiscard]] bool empty() const { return steps.empty() && !journal; }
};

[[nodiscard]] boost::asio::awaitable<Result<SandboxRecord>> record_of_sandbox(Services& services,
                                                                              std::string id);

[[nodiscard]] nlohmann::json history_json(const SandboxRecord& record);

/// One that is gone, as sandbox_json() has the living; `user` is the name, or empty.
[[nodiscard]] nlohmann::json gone_json(const std::string& id, const SandboxRecord& record,
                                       const std::string& user);

}  // namespace carrel::http
