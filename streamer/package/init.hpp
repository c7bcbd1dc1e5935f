#pragma once

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"

namespace carrel::streamer {

/// The initialisation segment of a track, whether the film has it or it is made. ErrorKind::invalid as in
/// write_sample_entry().
[[nodiscard]] Result<Packaged> init_of(const IndexView::Track& track);

}  // namespace carrel::streamer
