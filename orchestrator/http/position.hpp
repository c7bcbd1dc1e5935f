#pragma once

#include <cstdint>
#include <optional>

#include "orchestrator/library/library.hpp"

namespace carrel::http {

/// In seconds; none when it is not known.
[[nodiscard]] std::optional<double> duration_of(const library::Video& video);

/// The second at which somebody who stopped at `seconds` (0 and up) goes on, of a film of `duration` seconds
/// where that is known. None: at the beginning, because they had hardly begun, or had seen all but the last
/// twentieth, in which the names are.
[[nodiscard]] std::optional<std::int64_t> goes_on_at(double seconds, std::optional<double> duration);

}  // namespace carrel::http
