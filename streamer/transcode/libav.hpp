#pragma once

#include <memory>

#include "streamer/libav/owners.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

/// Owners of libswresample's objects.
namespace carrel::libav {

using Swr = std::unique_ptr<SwrContext, Free<SwrContext, swr_free>>;

}  // namespace carrel::libav
