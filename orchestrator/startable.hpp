#pragma once

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel {

/// Whether a daemon could begin with what the configuration names: the certificate, the page, the folder of its
/// data and the admin socket. Only looks, so that it can be asked while a daemon runs, whose successor would
/// end where this fails. Blocks.
[[nodiscard]] Result<void> check_startable(const config::Config& config);

}  // namespace carrel
