#include "orchestrator/http/limits_json.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr double kThousand = 1000;
constexpr double kMostCpus = 1024;

Error not_a(const std::string& name, const char* what) {
  return make_error(ErrorKind::invalid, "the limit \"" + name + "\" must be " + what + " or null");
}

template <class T>
Result<void> set_count(std::optional<std::optional<T>>& change, const std::string& name, const json& value) {
  if (value.is_null()) {
    change.emplace(std::nullopt);
    return {};
  }
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<T>::max()) {
    return not_a(name, "a whole number");
  }
  change.emplace(value.get<T>());
  return {};
}

Result<void> set_cpus(std::optional<std::optional<std::uint32_t>>& change, const json& value) {
  if (value.is_null()) {
    change.emplace(std::nullopt);
    return {};
  }
  const double cpus = value.is_number() ? value.get<double>() : -1;
  if (!(cpus >= 0 && cpus <= kMostCpus)) return not_a("cpus", "a number of CPUs, 0.01 to 1024,");
  change.emplace(static_cast<std::uint32_t>(std::lround(cpus * kThousand)));
  return {};
}

accounts::LimitChanges take_all_back() {
  accounts::LimitChanges changes;
  changes.sessions.emplace(std::nullopt);
  changes.streams.emplace(std::nullopt);
  changes.memory.emplace(std::nullopt);
  changes.millicpus.emplace(std::nullopt);
  changes.bandwidth.emplace(std::nullopt);
  return changes;
}

Result<void> set(accounts::LimitChanges& changes, const std::string& name, const json& value) {
  if (name == "sessions") return set_count(changes.sessions, name, value);
  if (name == "streams") return set_count(changes.streams, name, value);
  if (name == "memory") return set_count(changes.memory, name, value);
  if (name == "bandwidth") return set_count(changes.bandwidth, name, value);
  if (name == "cpus") return set_cpus(changes.millicpus, value);
  return make_error(ErrorKind::invalid, "there is no limit \"" + name +
                                            "\"; there are sessions, streams, memory, cpus and bandwidth");
}

}  // namespace

json limits_json(const accounts::Limits& limits) {
  return {{"sessions", limits.sessions},
          {"streams", limits.streams},
          {"memory", limits.memory},
          {"cpus", limits.cpus},
          {"bandwidth", limits.bandwidth}};
}

json overrides_json(const accounts::LimitOverrides& overrides) {
  json value = json::object();
  if (overrides.sessions) value["sessions"] = *overrides.sessions;
  if (overrides.streams) value["streams"] = *overrides.streams;
  if (overrides.memory) value["memory"] = *overrides.memory;
  if (overrides.millicpus) value["cpus"] = *overrides.millicpus / kThousand;
  if (overrides.bandwidth) value["bandwidth"] = *overrides.bandwidth;
  return value;
}

Result<accounts::LimitChanges> limit_changes(const json& value) {
  if (value.is_null()) return take_all_back();
  if (!value.is_object()) {
    return make_error(ErrorKind::invalid, R"(the member "limits" must be an object or null)");
  }
  accounts::LimitChanges changes;
  for (const auto& [name, limit] : value.items()) {
    auto done = set(changes, name, limit);
    if (done.has_error()) return done.error();
  }
  return changes;
}

}  // namespace carrel::http
