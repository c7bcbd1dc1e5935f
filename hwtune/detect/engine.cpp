#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "hwtune/detect/probes.hpp"
#include "orchestrator/lib/curl/blocking.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

Result<json> asked(const std::string& socket, const std::string& path) {
  curl::BlockingRequest request;
  request.url = "http://docker" + path;
  request.unix_socket = socket;
  request.timeout = std::chrono::seconds(10);
  request.max_response_bytes = 1U << 20;
  const auto answer = curl::perform_blocking(request);
  if (answer.has_error()) return make_error(ErrorKind::unavailable, answer.error().message);
  if (answer->status != 200) {
    return make_error(ErrorKind::unavailable, "it answers " + std::to_string(answer->status));
  }
  json parsed = json::parse(answer->body, nullptr, false);
  if (!parsed.is_object()) return make_error(ErrorKind::unavailable, "its answer is no JSON");
  return Result<json>(boost::system::in_place_value, std::move(parsed));
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Engine ask_engine(const std::string& socket) {
  Engine engine;
  const auto version = asked(socket, "/version");
  if (version.has_error()) {
    engine.why_not = version.error().message;
    return engine;
  }
  engine.answers = true;
  engine.version = text_in(*version, "Version");
  engine.api = text_in(*version, "ApiVersion");
  const auto info = asked(socket, "/info");
  if (info.has_error()) return engine;
  engine.storage = text_in(*info, "Driver");
  engine.runtime = text_in(*info, "DefaultRuntime");
  engine.cgroup_version = text_in(*info, "CgroupVersion");
  engine.cgroup_driver = text_in(*info, "CgroupDriver");
  return engine;
}

}  // namespace carrel::hwtune
