#pragma once

#include "base/error.hpp"
#include "hwtune/measure/bounds.hpp"
#include "hwtune/measure/result.hpp"

/// What sending a film costs, over the loopback interface: as the streamer does it, from the page cache.
namespace carrel::hwtune {

[[nodiscard]] Result<Sendfile> measure_sendfile(const Bounds& bounds);
/// How well the kernel holds SO_MAX_PACING_RATE at the rate of a film of 8 Mbit/s.
[[nodiscard]] Result<Pacing> measure_pacing(const Bounds& bounds);

}  // namespace carrel::hwtune
