#include "converter/encode/jpeg.hpp"

#include <algorithm>

namespace carrel::converter {
namespace {

constexpr int kUnity = 1 << 16;
constexpr int kBestScale = 2;
constexpr int kWorstScale = 31;
constexpr int kQualityPerScale = 5;

Error failed(const char* what) {
  return make_error(ErrorKind::internal, std::string("making a JPEG failed: ") + what);
}

}  // namespace

Result<std::string> encode_jpeg(const AVFrame& picture, int quality) {
  libav::Frame yuv = libav::make_frame(AV_PIX_FMT_YUVJ420P, picture.width, picture.height);
  const libav::Scaler scaler(sws_getContext(
      picture.width, picture.height, static_cast<AVPixelFormat>(picture.format), picture.width,
      picture.height, AV_PIX_FMT_YUVJ420P, SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  if (!yuv || !scaler || codec == nullptr) return failed("no memory");
  // JFIF knows BT.601 with full range only.
  static_cast<void>(sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_ITU601), 1,
                                             sws_getCoefficients(SWS_CS_ITU601), 1, 0, kUnity, kUnity));
  sws_scale(scaler.get(), picture.data, picture.linesize, 0, picture.height, yuv->data, yuv->linesize);

  const libav::Context context(avcodec_alloc_context3(codec));
  if (!context) return failed("no memory");
  const int scale = std::clamp(1 + (100 - quality) / kQualityPerScale, kBestScale, kWorstScale);
  context->width = picture.width;
  context->height = picture.height;
  context->pix_fmt = AV_PIX_FMT_YUVJ420P;
  context->color_range = AVCOL_RANGE_JPEG;
  context->time_base = {1, 1};
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_QSCALE;
  context->global_quality = FF_QP2LAMBDA * scale;
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return failed("the encoder does not open");
  yuv->quality = context->global_quality;
  yuv->pts = 0;
  const libav::Packet packet(av_packet_alloc());
  if (!packet || avcodec_send_frame(context.get(), yuv.get()) < 0 ||
      avcodec_send_frame(context.get(), nullptr) < 0 ||
      avcodec_receive_packet(context.get(), packet.get()) < 0) {
    return failed("the encoder refuses the picture");
  }
  return std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
}

}  // namespace carrel::converter
