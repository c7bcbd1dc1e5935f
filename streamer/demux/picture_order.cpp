#include "streamer/demux/picture_order.hpp"

#include <cstring>

namespace carrel::streamer {

std::unique_ptr<PictureOrder> PictureOrder::make(AVCodecID id, const std::string& extradata) {
  std::unique_ptr<PictureOrder> order(new PictureOrder);
  order->codec_.reset(avcodec_alloc_context3(nullptr));
  order->parser_.reset(av_parser_init(id));
  if (!order->codec_ || !order->parser_) return nullptr;
  order->codec_->codec_id = id;
  order->codec_->codec_type = AVMEDIA_TYPE_VIDEO;
  // libav frees it with the context.
  auto* copy = static_cast<std::uint8_t*>(av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, extradata.data(), extradata.size());
  order->codec_->extradata = copy;
  order->codec_->extradata_size = static_cast<int>(extradata.size());
  order->parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  return order;
}

std::optional<std::int64_t> PictureOrder::next(const AVPacket& packet) {
  std::uint8_t* out = nullptr;
  int bytes = 0;
  parser_->output_picture_number = -1;
  static_cast<void>(av_parser_parse2(parser_.get(), codec_.get(), &out, &bytes, packet.data, packet.size,
                                     AV_NOPTS_VALUE, AV_NOPTS_VALUE, -1));
  return parser_->output_picture_number;
}

}  // namespace carrel::streamer
