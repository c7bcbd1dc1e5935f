#include "orchestrator/sandbox/docker/version.hpp"

#include <algorithm>
#include <charconv>
#include <compare>
#include <optional>

#include "orchestrator/sandbox/docker/json.hpp"

namespace carrel::sandbox::docker {
namespace {

struct Api {
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const Api&) const = default;
};

std::optional<Api> api_of(std::string_view text) {
  Api api;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, api.major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, api.minor);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  return api;
}

std::string text_of(Api api) {
  return std::to_string(api.major) + '.' + std::to_string(api.minor);
}

bool is_podman(const Json& version) {
  const Json& components = member(version, "Components");
  return components.is_array() && std::any_of(components.begin(), components.end(), [](const Json& one) {
           return docker::text_of(one, "Name").starts_with("Podman");
         });
}

}  // namespace

Result<EngineInfo> parse_version(std::string_view body) {
  const Json version = parse_json(body);
  const auto newest = api_of(text_of(version, "ApiVersion"));
  if (!newest) {
    return make_error(
        ErrorKind::unavailable,
        "its answer to GET /version has no ApiVersion; is this the socket of a container engine?");
  }
  const std::string product = is_podman(version) ? "Podman" : "Docker";
  const std::string release = text_of(version, "Version");
  if (*newest < *api_of(kOldestApi)) {
    return make_error(ErrorKind::unavailable, product + " " + release + " speaks API " + text_of(*newest) +
                                                  ", at least " + std::string(kOldestApi) +
                                                  " is needed; install Docker Engine 20.10 or newer");
  }
  Api agreed = std::min(*newest, *api_of(kNewestApi));
  if (const auto oldest = api_of(text_of(version, "MinAPIVersion"))) agreed = std::max(agreed, *oldest);
  return EngineInfo{product, release, text_of(agreed)};
}

bool has_one_shot(const EngineInfo& info) {
  const auto agreed = api_of(info.api_version);
  return agreed && *agreed >= Api{1, 41};
}

Result<Traits> parse_traits(std::string_view body, std::string_view product) {
  const Json info = parse_json(body);
  if (!info.is_object()) {
    return make_error(ErrorKind::unavailable,
                      "its answer to GET /info is no JSON object; is this the socket of a container engine?");
  }
  // API 1.40 has no CgroupVersion; such an engine knows version 1 only.
  const std::string cgroup = text_of(info, "CgroupVersion");
  return Traits{product == "Podman", cgroup != "2" && cgroup != "v2"};
}

}  // namespace carrel::sandbox::docker
