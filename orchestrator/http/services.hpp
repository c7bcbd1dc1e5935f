#pragma once

#include <chrono>
#include <string>

#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"
#include "orchestrator/http/position_rate.hpp"

namespace carrel::accounts {
class Accounts;
class AdminTokens;
class AuditLog;
class StreamTokens;
}  // namespace carrel::accounts
namespace carrel::jobs {
class Jobs;
class Pictures;
class Variants;
}  // namespace carrel::jobs
namespace carrel::library {
class Library;
}
namespace carrel::observe {
class EventFeed;
class Metrics;
}  // namespace carrel::observe
namespace carrel::sandbox {
class Engine;
class Sampler;
class Sandboxes;
}  // namespace carrel::sandbox
namespace carrel::store {
class Backups;
class Store;
class WriteCheck;
}  // namespace carrel::store
namespace carrel::strain {
struct Shedding;
}

namespace carrel::http {

class WebFiles;

/// What handlers work with; everything outlives the server.
struct Services {
  const config::Config& config;
  const config::Sources& config_sources;
  accounts::Accounts& accounts;
  accounts::AdminTokens& admin_tokens;
  const accounts::StreamTokens& tokens;
  library::Library& library;
  sandbox::Sandboxes& sandboxes;
  sandbox::Engine& engine;
  store::Store& store;
  observe::Metrics& metrics;
  const WebFiles& web_files;
  const sandbox::Sampler& sampler;
  accounts::AuditLog& audit;
  store::Backups& backups;
  store::WriteCheck& write_check;
  observe::EventFeed& feed;
  jobs::Jobs& jobs;
  jobs::Variants& variants;
  jobs::Pictures& pictures;
  const strain::Shedding& shedding;
  PositionRate position_rate{};
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

}  // namespace carrel::http
