#pragma once

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/box.hpp"

namespace carrel::streamer {

/// Writes the one entry of a track's `stsd` (ISO/IEC 14496-12 section 8.5.2, and the codec's own binding).
/// ErrorKind::invalid: the index names a codec that does not go with the track's kind.
[[nodiscard]] Result<void> write_sample_entry(BoxWriter& out, const IndexView::Track& track);

}  // namespace carrel::streamer
