#pragma once

#include "base/error.hpp"

namespace carrel::converter {

/// A converter's whole life: Hello, one Pictures or Convert message, the answer, ConvertProgress at least
/// once a second meanwhile. `control` is connected. Errors as of streamer::run_index_job().
[[nodiscard]] Result<void> run_job(int control);

}  // namespace carrel::converter
