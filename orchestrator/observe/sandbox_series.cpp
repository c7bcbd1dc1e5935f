#include "orchestrator/observe/sandbox_series.hpp"

#include <string>

namespace carrel::observe {
namespace {

using prometheus::Counter;
using prometheus::Gauge;

prometheus::Labels with_slot(prometheus::Labels labels, std::size_t slot) {
  labels.emplace("slot", std::to_string(slot));
  return labels;
}

}  // namespace

SandboxSeries::SandboxSeries(prometheus::Registry& registry) {
  const auto gauge = [&](const char* name, const char* help, Figure figure) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    gauges_.push_back({&family, figure, {}, {}});
  };
  const auto counter = [&](const char* name, const char* help, Figure figure) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    counters_.push_back({&family, figure, {}, {}});
  };
  gauge("carrel_sandbox_memory_bytes", "Memory that counts towards a sandbox's limit, file cache included.",
        &SandboxFigures::memory_bytes);
  gauge("carrel_sandbox_memory_cache_bytes",
        "File cache in a sandbox's memory; given back when it gets short.",
        &SandboxFigures::memory_cache_bytes);
  gauge("carrel_sandbox_memory_peak_bytes", "The most memory that a sandbox has used.",
        &SandboxFigures::memory_peak_bytes);
  gauge("carrel_sandbox_memory_limit_bytes", "Memory that a sandbox may use.",
        &SandboxFigures::memory_limit_bytes);
  gauge("carrel_sandbox_pids", "Processes and threads in a sandbox.", &SandboxFigures::pids);
  counter("carrel_sandbox_cpu_seconds_total", "CPU time that a sandbox has used.",
          &SandboxFigures::cpu_seconds);
  counter("carrel_sandbox_cpu_throttled_seconds_total",
          "Time that a sandbox's tasks waited because its CPU limit was reached.",
          &SandboxFigures::cpu_throttled_seconds);
  counter("carrel_sandbox_read_bytes_total", "Bytes that a sandbox read from block devices.",
          &SandboxFigures::read_bytes);
  counter("carrel_sandbox_written_bytes_total", "Bytes that a sandbox wrote to block devices.",
          &SandboxFigures::written_bytes);
  auto& pressure =
      prometheus::BuildGauge()
          .Name("carrel_sandbox_pressure_ratio")
          .Help("Share of the last ten seconds in which a task of a sandbox waited for the resource.")
          .Register(registry);
  gauges_.push_back({&pressure, &SandboxFigures::memory_pressure, {{"resource", "memory"}}, {}});
  gauges_.push_back({&pressure, &SandboxFigures::cpu_pressure, {{"resource", "cpu"}}, {}});
  gauges_.push_back({&pressure, &SandboxFigures::io_pressure, {{"resource", "io"}}, {}});
}

void SandboxSeries::set(std::size_t slot, const SandboxFigures& figures) {
  const std::lock_guard lock(mutex_);
  for (auto& column : gauges_) put(column, slot, figures.*column.figure);
  for (auto& column : counters_) put(column, slot, figures.*column.figure);
}

void SandboxSeries::remove(std::size_t slot) {
  const std::lock_guard lock(mutex_);
  for (auto& column : gauges_) drop(column, slot);
  for (auto& column : counters_) drop(column, slot);
}

template <class Metric>
void SandboxSeries::drop(Column<Metric>& column, std::size_t slot) {
  const auto found = column.rows.find(slot);
  if (found == column.rows.end()) return;
  column.family->Remove(found->second);
  column.rows.erase(found);
}

void SandboxSeries::put(Column<Gauge>& column, std::size_t slot, std::optional<double> value) {
  if (!value) return drop(column, slot);
  Gauge*& series = column.rows[slot];
  if (series == nullptr) series = &column.family->Add(with_slot(column.labels, slot));
  series->Set(*value);
}

void SandboxSeries::put(Column<Counter>& column, std::size_t slot, std::optional<double> value) {
  if (!value) return drop(column, slot);
  Counter*& series = column.rows[slot];
  if (series == nullptr) series = &column.family->Add(with_slot(column.labels, slot));
  // The kernel counts; a counter of ours can only follow upwards.
  if (*value > series->Value()) series->Increment(*value - series->Value());
}

}  // namespace carrel::observe
