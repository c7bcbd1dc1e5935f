#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "streamer/demux/libav.hpp"

namespace carrel::streamer {

/// The order in which the pictures of an H.264 or HEVC track are shown, for containers that do not store when
/// (AVI).
class PictureOrder {
 public:
  /// `id`: AV_CODEC_ID_H264 or AV_CODEC_ID_HEVC. Null: without memory.
  [[nodiscard]] static std::unique_ptr<PictureOrder> make(AVCodecID id, const std::string& extradata);

  /// To be called for each packet. Counts within a coded video sequence only: it begins anew at its first
  /// picture.
  [[nodiscard]] std::optional<std::int64_t> next(const AVPacket& packet);

 private:
  struct FreeCodec {
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  };
  struct FreeParser {
    void operator()(AVCodecParserContext* parser) const { av_parser_close(parser); }
  };
  PictureOrder() = default;

  std::unique_ptr<AVCodecContext, FreeCodec> codec_;
  std::unique_ptr<AVCodecParserContext, FreeParser> parser_;
};

}  // namespace carrel::streamer
