#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {

/// The initialisation segment. ErrorKind::invalid as in package_init().
[[nodiscard]] Result<Packaged> package_aac_init(const IndexView::Track& track, const AacPlan& plan);

/// The media segment `number` of these frames, segment.frames.count of them and together no more than `room`
/// bytes; what is left over is zeros that no sample refers to.
[[nodiscard]] std::string write_aac_segment(const AacSegment& segment, std::uint64_t room,
                                            std::uint32_t number, const std::vector<std::string>& frames);

}  // namespace carrel::streamer
