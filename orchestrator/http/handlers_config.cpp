#include "orchestrator/config/keys.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr char kEmptyText[] = "\"\"";

/// Whether a secret is set may be known, what it is may not.
std::string value_of(const config::Key& key, const config::Config& config) {
  std::string value = key.get(config);
  return key.secret && value != kEmptyText ? "***" : value;
}

}  // namespace

AsyncReply show_config(Services& services, const Request&) {
  json items = json::array();
  for (const config::Key& key : config::keys()) {
    const auto source = services.config_sources.find(std::string(key.name));
    items.push_back({{"key", key.name},
                     {"value", value_of(key, services.config)},
                     {"source", source == services.config_sources.end() ? "default" : source->second}});
  }
  co_return json_response(200, {{"items", std::move(items)}});
}

}  // namespace carrel::http
