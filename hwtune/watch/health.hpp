#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/strain.hpp"
#include "hwtune/watch/smart.hpp"
#include "terminal/style.hpp"

/// Whether a machine is well.
namespace carrel::hwtune {

struct Health {
  std::int64_t at = 0;
  machine::Strain strain;
  std::vector<machine::Sensor> sensors;
  std::vector<machine::Link> links;
  std::vector<DiskHealth> disks;
};

[[nodiscard]] Health read_health(const machine::Root& root, std::int64_t now);
/// Of the disks below `disks`; asking takes a while and wakes a disk that sleeps, so not at every look.
[[nodiscard]] std::vector<DiskHealth> ask_disks(const std::vector<machine::Disk>& disks, const AskSmart& ask);

/// For people; `before`: an earlier look, for what has become more.
[[nodiscard]] std::string view_of(const Health& health, const Health* before, const terminal::Style& style);
[[nodiscard]] nlohmann::json json_of(const Health& health);
/// The text format of Prometheus 0.0.4, for the textfile collector of its node exporter.
[[nodiscard]] std::string prometheus_of(const Health& health);

}  // namespace carrel::hwtune
