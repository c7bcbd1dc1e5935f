#pragma once

#include <cstdint>
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

/// Owners of libav's objects, and its constants that are macros.
namespace carrel::converter::libav {

struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Packet = std::unique_ptr<AVPacket, FreePacket>;

struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;

struct FreeCodec {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
};
using Codec = std::unique_ptr<AVCodecContext, FreeCodec>;

struct FreeScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;

struct FreeGraph {
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};
using Graph = std::unique_ptr<AVFilterGraph, FreeGraph>;

inline constexpr int kEndOfFile = AVERROR_EOF;
inline constexpr int kAgain = AVERROR(EAGAIN);
inline constexpr std::int64_t kNoTime = AV_NOPTS_VALUE;

/// A frame with a buffer of its own; null: no memory.
[[nodiscard]] Frame make_frame(AVPixelFormat format, int width, int height);

}  // namespace carrel::converter::libav
