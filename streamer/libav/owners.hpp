#pragma once

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

/// Owners of libavcodec's objects, and its constants that are macros. What a part has of other libraries of
/// FFmpeg stands in its own libav.hpp.
namespace carrel::libav {

template <class T, void (*release)(T**)>
struct Free {
  void operator()(T* object) const { release(&object); }
};
using Packet = std::unique_ptr<AVPacket, Free<AVPacket, av_packet_free>>;
using Frame = std::unique_ptr<AVFrame, Free<AVFrame, av_frame_free>>;
using Context = std::unique_ptr<AVCodecContext, Free<AVCodecContext, avcodec_free_context>>;

inline constexpr int kEndOfFile = AVERROR_EOF;

}  // namespace carrel::libav
