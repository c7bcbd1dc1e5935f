#pragma once

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

/// Owners of libav's objects. Beside streamer/demux only this folder includes libav's headers.
namespace carrel::streamer::libav {

struct FreeContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
using Context = std::unique_ptr<AVCodecContext, FreeContext>;

struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;

struct FreeSoundPacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using SoundPacket = std::unique_ptr<AVPacket, FreeSoundPacket>;

struct FreeResampler {
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
};
using Swr = std::unique_ptr<SwrContext, FreeResampler>;

}  // namespace carrel::streamer::libav
