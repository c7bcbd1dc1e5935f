#include "hwtune/measure/spawn.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/lib/curl/blocking.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

constexpr unsigned kMost = 5;

struct Answer {
  int status = 0;
  json body;
};

Result<Answer> call(const std::string& socket, const std::string& method, const std::string& path,
                    const json& body = nullptr) {
  curl::BlockingRequest request;
  request.method = method;
  request.url = "http://docker" + path;
  request.unix_socket = socket;
  request.timeout = std::chrono::seconds(20);
  request.max_response_bytes = 1U << 20;
  if (!body.is_null()) {
    request.body = body.dump();
    request.headers = {"Content-Type: application/json"};
  }
  const auto answer = curl::perform_blocking(request);
  if (answer.has_error()) {
    return make_error(ErrorKind::unavailable, "Docker does not answer: " + answer.error().message);
  }
  return Answer{answer->status, json::parse(answer->body, nullptr, false)};
}

/// As a sandbox is made, but for the control directory: its program ends at once.
json container_of(const std::string& image) {
  return {{"Image", image},
          {"Labels", {{"carrel.hwtune", "spawn"}}},
          {"HostConfig",
           {{"NetworkMode", "none"},
            {"ReadonlyRootfs", true},
            {"CapDrop", json::array({"ALL"})},
            {"Memory", 512U << 20},
            {"NanoCpus", 500'000'000},
            {"SecurityOpt", json::array({"no-new-privileges"})}}}};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

Result<Spawn> measure_spawn(const std::string& engine_socket, const std::string& image,
                            const Bounds& bounds) {
  std::vector<double> creating;
  std::vector<double> starting;
  const Watch whole;
  while (creating.size() < kMost && !bounds.stopped() &&
         (whole.seconds() < bounds.seconds || creating.empty())) {
    const Watch create;
    const auto made = call(engine_socket, "POST", "/containers/create", container_of(image));
    if (made.has_error()) return made.error();
    if (made->status == 404) return make_error(ErrorKind::not_found, "there is no image " + image);
    if (made->status != 201 || !made->body.is_object() || !made->body.contains("Id")) {
      return make_error(ErrorKind::unavailable, "Docker answers " + std::to_string(made->status));
    }
    const double created = create.seconds();
    const auto id = made->body["Id"].get<std::string>();
    const Watch start;
    const auto started = call(engine_socket, "POST", "/containers/" + id + "/start");
    const double start_seconds = start.seconds();
    const auto removed = call(engine_socket, "DELETE", "/containers/" + id + "?force=true");
    if (started.has_error()) return started.error();
    if (removed.has_error()) return removed.error();
    if (started->status != 204) {
      return make_error(ErrorKind::unavailable,
                        "Docker does not start it: " + std::to_string(started->status));
    }
    creating.push_back(created * 1000);
    starting.push_back(start_seconds * 1000);
  }
  if (creating.empty()) return make_error(ErrorKind::unavailable, "stopped");
  return Spawn{static_cast<unsigned>(creating.size()), median(creating), median(starting)};
}

}  // namespace carrel::hwtune
