#pragma once

#include <cstdint>
#include <memory>

#include "streamer/libav/owners.hpp"

extern "C" {
#include <libavcodec/vorbis_parser.h>
#include <libavformat/avformat.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mem.h>
}

/// Owners of libavformat's objects.
namespace carrel::libav {

struct FreeIo {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using Io = std::unique_ptr<AVIOContext, FreeIo>;
using Format = std::unique_ptr<AVFormatContext, Free<AVFormatContext, avformat_close_input>>;

}  // namespace carrel::libav
