#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hwtune/machine/facts.hpp"
#include "hwtune/measure/bounds.hpp"
#include "hwtune/measure/result.hpp"
#include "terminal/style.hpp"

namespace carrel::hwtune {

struct MeasureOrder {
  std::string machine;
  machine::Facts facts;
  std::vector<std::string> library;
  std::string data;
  std::string engine_socket;
  std::string image;
  Bounds bounds;
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// One measurement after the other, each within the bounds; what cannot be measured is told, and why. Call
/// be_kind() before.
[[nodiscard]] Measured measure(const MeasureOrder& order, std::int64_t now);

/// For people.
[[nodiscard]] std::string view_of(const Measured& measured, const terminal::Style& style);

}  // namespace carrel::hwtune
