#include <array>
#include <cstdio>

#include "hwtune/measure/measure.hpp"
#include "terminal/table.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

using terminal::Tone;

std::string number(const char* form, double value) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), form, value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string reads(const Measured& measured, const terminal::Style& style) {
  terminal::Table table{{{"READING"}, {"ORDER"}, {"BLOCK", true}, {"SPEED", true}, {"99% WITHIN", true}}, {}};
  for (const auto& read : measured.reads) {
    table.rows.push_back({{read.path},
                          {read.pattern},
                          {terminal::bytes_text(static_cast<double>(read.block))},
                          {number("%.0f MB/s", read.mb_per_s)},
                          {number("%.1f ms", read.p99_ms)}});
  }
  return terminal::rendered(table, style) + "\n";
}

std::string costs(const Measured& measured, const terminal::Style& style) {
  terminal::Table table{{{"A STREAM OF", true}, {"CPU", true}, {"IN THE KERNEL", true}}, {}};
  for (const auto& cost : stream_costs(measured)) {
    const std::string memory = cost.kernel_bytes
                                   ? terminal::bytes_text(static_cast<double>(*cost.kernel_bytes))
                                   : terminal::kNothing;
    table.rows.push_back({{number("%g Mbit/s", cost.mbit)}, {number("%.3f%%", cost.cpu_percent)}, {memory}});
  }
  return terminal::rendered(table, style) + "\n";
}

}  // namespace

std::string view_of(const Measured& measured, const terminal::Style& style) {
  std::string text;
  if (!measured.reads.empty()) text += reads(measured, style);
  if (measured.sendfile) text += costs(measured, style);
  std::vector<std::pair<std::string, terminal::Cell>> fields;
  if (measured.sendfile) {
    fields.push_back({"sendfile",
                      {number("%.0f MB/s to loopback, ", measured.sendfile->mb_per_s) +
                       number("%.2f ms of CPU a megabyte", measured.sendfile->cpu_ms_per_mb)}});
  }
  if (measured.pacing) {
    const double ratio = measured.pacing->got_mb_per_s / measured.pacing->asked_mb_per_s;
    const bool right = ratio > 0.9 && ratio < 1.1;
    fields.push_back({"pacing",
                      {number("%.3f MB/s ", measured.pacing->got_mb_per_s) +
                           number("where %.3f were asked", measured.pacing->asked_mb_per_s),
                       right ? Tone::good : Tone::busy}});
  }
  if (measured.spawn) {
    fields.push_back({"a container",
                      {number("made in %.0f ms", measured.spawn->create_ms) +
                       number(", started in %.0f ms", measured.spawn->start_ms)}});
  }
  for (const auto& rung : measured.rungs) {
    fields.push_back({rung.rung, {number("%.1f times its duration, on one CPU", rung.times_real)}});
  }
  for (const auto& each : measured.not_measured) {
    fields.push_back({"not measured", {each.what + ": " + each.why, Tone::busy}});
  }
  return text + terminal::rendered_fields(fields, style);
}

}  // namespace carrel::hwtune
