#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "orchestrator/observe/metrics.hpp"

namespace carrel::observe {

/// The series that each sandbox has while it lives, by its slot. Any thread.
class SandboxSeries {
 public:
  explicit SandboxSeries(prometheus::Registry& registry);

  void set(std::size_t slot, const SandboxFigures& figures);
  void remove(std::size_t slot);

 private:
  using Figure = std::optional<double> SandboxFigures::*;

  template <class Metric>
  struct Column {
    prometheus::Family<Metric>* family;
    Figure figure;
    prometheus::Labels labels;            ///< beside the slot
    std::map<std::size_t, Metric*> rows;  ///< by slot
  };

  template <class Metric>
  static void drop(Column<Metric>& column, std::size_t slot);
  static void put(Column<prometheus::Gauge>& column, std::size_t slot, std::optional<double> value);
  static void put(Column<prometheus::Counter>& column, std::size_t slot, std::optional<double> value);

  std::mutex mutex_;
  std::vector<Column<prometheus::Gauge>> gauges_;
  std::vector<Column<prometheus::Counter>> counters_;
};

}  // namespace carrel::observe
