#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
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
  std::uint64_t memory_reserve = 0;  ///< bytes that carreld leaves available; told by whoever knows it
};

[[nodiscard]] Health read_health(const machine::Root& root, std::int64_t now);
/// Of the disks below `disks`; asking takes a while, so not at every look.
[[nodiscard]] std::vector<DiskHealth> ask_disks(const std::vector<machine::Disk>& disks, const AskSmart& ask);

/// Asks them now and then. Which disks there are is looked up anew each time: one that is mounted later, or
/// replaced, is asked too.
class DiskRounds {
 public:
  using FindDisks = std::function<std::vector<machine::Disk>()>;

  DiskRounds(FindDisks find, AskSmart ask) : find_(std::move(find)), ask_(std::move(ask)) {}

  /// What they said; they are asked when that was ten minutes ago. One that sleeps is as it was last known.
  [[nodiscard]] const std::vector<DiskHealth>& at(std::int64_t now);

 private:
  FindDisks find_;
  AskSmart ask_;
  std::vector<DiskHealth> said_;
  std::optional<std::int64_t> asked_at_;
};

/// For people; `before`: an earlier look, for what has become more.
[[nodiscard]] std::string view_of(const Health& health, const Health* before, const terminal::Style& style);
[[nodiscard]] nlohmann::json json_of(const Health& health);
/// The text format of Prometheus 0.0.4, for the textfile collector of its node exporter.
[[nodiscard]] std::string prometheus_of(const Health& health);

}  // namespace carrel::hwtune
