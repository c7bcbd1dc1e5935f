#include "converter/decode/decoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace carrel::converter {
namespace {

using streamer::Codec;
using streamer::TrackInfo;

constexpr std::int64_t kMostPixels = std::int64_t{9000} * 5000;  // a little more than 8K
constexpr std::size_t kMostBytesAtOnce = 512U << 20;

AVCodecID codec_of(const TrackInfo& track) {
  switch (track.codec) {
    case Codec::h264: return AV_CODEC_ID_H264;
    case Codec::hevc: return AV_CODEC_ID_HEVC;
    case Codec::av1: return AV_CODEC_ID_AV1;
    case Codec::vp8: return AV_CODEC_ID_VP8;
    case Codec::vp9: return AV_CODEC_ID_VP9;
    default: return static_cast<AVCodecID>(track.decoder);
  }
}

/// What the decoder is to be told first. The configuration of VP9 in MP4 is nothing that it knows.
bool wants_config(AVCodecID id) {
  return id != AV_CODEC_ID_VP8 && id != AV_CODEC_ID_VP9;
}

}  // namespace

Decoder::Decoder(libav::Context codec)
    : codec_(std::move(codec)), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {}

Result<std::unique_ptr<Decoder>> Decoder::open(const TrackInfo& track) {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(kMostBytesAtOnce);
  const AVCodecID id = codec_of(track);
  const AVCodec* codec = avcodec_find_decoder(id);
  if (codec == nullptr || codec->type != AVMEDIA_TYPE_VIDEO)
    return make_error(ErrorKind::invalid,
                      "There is no decoder for the film's picture (" + track.codec_string + ").");
  libav::Context context(avcodec_alloc_context3(codec));
  if (!context) return make_error(ErrorKind::internal, "no memory for a decoder");
  context->thread_count = 1;
  context->max_pixels = kMostPixels;
  context->width = static_cast<int>(std::min<std::uint32_t>(track.width, 16384));
  context->height = static_cast<int>(std::min<std::uint32_t>(track.height, 16384));
  context->bits_per_coded_sample = static_cast<int>(track.coded_bits);
  context->pkt_timebase = {1, static_cast<int>(std::min<std::uint32_t>(track.timescale, 0x7FFF'FFFF))};
  if (!track.config.empty() && wants_config(id)) {
    auto* extra = static_cast<std::uint8_t*>(av_mallocz(track.config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (extra == nullptr) return make_error(ErrorKind::internal, "no memory for a decoder");
    std::memcpy(extra, track.config.data(), track.config.size());
    context->extradata = extra;
    context->extradata_size = static_cast<int>(track.config.size());
  }
  if (avcodec_open2(context.get(), codec, nullptr) < 0) {
    return make_error(ErrorKind::invalid, "The decoder does not take the film's picture (" +
                                              track.codec_string +
                                              "): its configuration is damaged or unusual.");
  }
  std::unique_ptr<Decoder> decoder(new Decoder(std::move(context)));
  if (!decoder->packet_ || !decoder->frame_)
    return make_error(ErrorKind::internal, "no memory for a decoder");
  return decoder;
}

void Decoder::send(const std::string& sample, std::int64_t shown) {
  if (sample.empty() || av_new_packet(packet_.get(), static_cast<int>(sample.size())) < 0) return;
  std::memcpy(packet_->data, sample.data(), sample.size());
  packet_->pts = shown;
  packet_->dts = libav::kNoTime;
  // A sample that it refuses is damaged, and left out.
  static_cast<void>(avcodec_send_packet(codec_.get(), packet_.get()));
  av_packet_unref(packet_.get());
}

void Decoder::finish() {
  static_cast<void>(avcodec_send_packet(codec_.get(), nullptr));
}

AVFrame* Decoder::receive() {
  return avcodec_receive_frame(codec_.get(), frame_.get()) < 0 ? nullptr : frame_.get();
}

void Decoder::start_over() {
  avcodec_flush_buffers(codec_.get());
}

void Decoder::skip_unneeded(bool skip) {
  codec_->skip_frame = skip ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

void Decoder::be_coarse() {
  codec_->skip_loop_filter = AVDISCARD_ALL;
  codec_->flags2 |= AV_CODEC_FLAG2_FAST;
}

}  // namespace carrel::converter
