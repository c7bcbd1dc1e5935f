#include "hwtune/measure/result.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

#include "hwtune/optional_json.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::array<double, 4> kUsualMbit{2, 5, 8, 20};

/// Every figure is a positive number; a zero would be divided by.
double figure(const json& object, const char* name) {
  const double value = object.at(name).get<double>();
  if (!std::isfinite(value) || value < 0) throw std::out_of_range(std::string(name) + " cannot be");
  return value;
}

Measured parsed(const json& from) {
  if (from.at("version") != kVersion) throw std::out_of_range("it is of another version");
  Measured measured;
  measured.at = from.at("at").get<std::int64_t>();
  measured.machine = from.at("machine").get<std::string>();
  for (const auto& read : from.at("reads")) {
    measured.reads.push_back({read.at("path"), read.at("device"), read.at("pattern"),
                              read.at("block").get<std::uint64_t>(), figure(read, "mb_per_s"),
                              figure(read, "p99_ms")});
  }
  if (const auto found = from.find("sendfile"); found != from.end()) {
    measured.sendfile = Sendfile{figure(*found, "mb_per_s"), figure(*found, "cpu_ms_per_mb")};
  }
  if (const auto found = from.find("pacing"); found != from.end()) {
    measured.pacing = Pacing{figure(*found, "asked_mb_per_s"), figure(*found, "got_mb_per_s"),
                             found->at("kernel_bytes").get<std::uint64_t>()};
  }
  if (const auto found = from.find("spawn"); found != from.end()) {
    measured.spawn =
        Spawn{found->at("count").get<unsigned>(), figure(*found, "create_ms"), figure(*found, "start_ms")};
  }
  for (const auto& rung : from.at("rungs")) {
    measured.rungs.push_back({rung.at("rung"), figure(rung, "times_real")});
  }
  for (const auto& each : from.at("not_measured")) {
    measured.not_measured.push_back({each.at("what"), each.at("why")});
  }
  return measured;
}

}  // namespace

std::vector<StreamCost> stream_costs(const Measured& measured) {
  std::vector<StreamCost> costs;
  if (!measured.sendfile) return costs;
  for (const double mbit : kUsualMbit) {
    constexpr double kPercentOfMilliseconds = 0.1;  // 10 ms of a second are 1 %
    StreamCost cost{mbit, mbit / 8 * measured.sendfile->cpu_ms_per_mb * kPercentOfMilliseconds, {}};
    if (measured.pacing) cost.kernel_bytes = measured.pacing->kernel_bytes;
    costs.push_back(cost);
  }
  return costs;
}

json json_of(const Measured& measured) {
  json made{{"version", kVersion},    {"at", measured.at},      {"machine", measured.machine},
            {"reads", json::array()}, {"rungs", json::array()}, {"not_measured", json::array()}};
  for (const auto& read : measured.reads) {
    made["reads"].push_back({{"path", read.path},
                             {"device", read.device},
                             {"pattern", read.pattern},
                             {"block", read.block},
                             {"mb_per_s", read.mb_per_s},
                             {"p99_ms", read.p99_ms}});
  }
  if (const auto& sendfile = measured.sendfile) {
    made["sendfile"] = {{"mb_per_s", sendfile->mb_per_s}, {"cpu_ms_per_mb", sendfile->cpu_ms_per_mb}};
  }
  if (const auto& pacing = measured.pacing) {
    made["pacing"] = {{"asked_mb_per_s", pacing->asked_mb_per_s},
                      {"got_mb_per_s", pacing->got_mb_per_s},
                      {"kernel_bytes", pacing->kernel_bytes}};
  }
  if (const auto& spawn = measured.spawn) {
    made["spawn"] = {{"count", spawn->count}, {"create_ms", spawn->create_ms}, {"start_ms", spawn->start_ms}};
  }
  for (const auto& rung : measured.rungs) {
    made["rungs"].push_back({{"rung", rung.rung}, {"times_real", rung.times_real}});
  }
  made["streams_reckoned"] = json::array();
  for (const auto& cost : stream_costs(measured)) {
    json stream{{"mbit", cost.mbit}, {"cpu_percent", cost.cpu_percent}};
    put(stream, "kernel_bytes", cost.kernel_bytes);
    made["streams_reckoned"].push_back(std::move(stream));
  }
  for (const auto& each : measured.not_measured) {
    made["not_measured"].push_back({{"what", each.what}, {"why", each.why}});
  }
  return made;
}

std::string text_of(const Measured& measured) {
  return json_of(measured).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Measured> measured_from(const std::string& text) {
  try {
    return parsed(json::parse(text));
  } catch (const std::exception& error) {
    return make_error(ErrorKind::invalid,
                      std::string("not what carrel-hwtune measure writes: ") + error.what());
  }
}

}  // namespace carrel::hwtune
