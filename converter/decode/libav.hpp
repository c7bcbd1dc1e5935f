#pragma once

#include <cstdint>
#include <memory>

#include "streamer/libav/owners.hpp"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libswscale/swscale.h>
}

/// Owners of libswscale's and libavfilter's objects, and their constants that are macros.
namespace carrel::libav {

struct FreeScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;
using Graph = std::unique_ptr<AVFilterGraph, Free<AVFilterGraph, avfilter_graph_free>>;

inline constexpr int kAgain = AVERROR(EAGAIN);
inline constexpr std::int64_t kNoTime = AV_NOPTS_VALUE;

/// A frame with a buffer of its own; null: no memory.
[[nodiscard]] Frame make_frame(AVPixelFormat format, int width, int height);

}  // namespace carrel::libav
