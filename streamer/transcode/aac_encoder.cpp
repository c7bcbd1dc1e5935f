#include "streamer/transcode/aac_encoder.hpp"

#include <algorithm>

#include "streamer/transcode/aac_plan.hpp"
#include "streamer/transcode/libav.hpp"

namespace carrel::streamer {

struct AacEncoder::Parts {
  libav::Context context;
  libav::Frame frame{av_frame_alloc()};
  libav::Packet packet{av_packet_alloc()};
  bool begun = false;
};

AacEncoder::AacEncoder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AacEncoder::AacEncoder(AacEncoder&&) noexcept = default;
AacEncoder& AacEncoder::operator=(AacEncoder&&) noexcept = default;
AacEncoder::~AacEncoder() = default;

Result<AacEncoder> AacEncoder::make(std::uint32_t rate, std::size_t channels, std::int64_t bits_per_second) {
  auto parts = std::make_unique<Parts>();
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  parts->context.reset(avcodec_alloc_context3(codec));
  const Error failed = make_error(ErrorKind::internal, "the AAC encoder cannot be made");
  if (codec == nullptr || !parts->context || !parts->frame || !parts->packet) return failed;
  AVCodecContext& context = *parts->context;
  context.sample_fmt = AV_SAMPLE_FMT_FLTP;
  context.sample_rate = static_cast<int>(rate);
  context.time_base = AVRational{1, static_cast<int>(rate)};
  context.bit_rate = bits_per_second;
  context.thread_count = 1;
  context.flags |= AV_CODEC_FLAG_BITEXACT;
  // At these rates the fast search is both the better and the quicker one (FFmpeg's manual says so, and
  // docs/benchmarks.md); what is made up by the decoder, noise and places in the stereo picture, is left out.
  void* const own = context.priv_data;
  if (av_opt_set(own, "aac_coder", "fast", 0) < 0 || av_opt_set_int(own, "aac_pns", 0, 0) < 0 ||
      av_opt_set_int(own, "aac_is", 0, 0) < 0)
    return failed;
  const std::uint64_t mask = channels == 1   ? AV_CH_LAYOUT_MONO
                             : channels == 2 ? AV_CH_LAYOUT_STEREO
                                             : AV_CH_LAYOUT_5POINT1_BACK;
  if (av_channel_layout_from_mask(&context.ch_layout, mask) < 0 ||
      avcodec_open2(&context, codec, nullptr) < 0)
    return failed;
  AVFrame& frame = *parts->frame;
  frame.format = AV_SAMPLE_FMT_FLTP;
  frame.nb_samples = kAacFrameSamples;
  frame.sample_rate = context.sample_rate;
  if (av_channel_layout_copy(&frame.ch_layout, &context.ch_layout) < 0 || av_frame_get_buffer(&frame, 0) < 0)
    return failed;
  frame.pts = 0;
  return AacEncoder(std::move(parts));
}

std::optional<std::string> AacEncoder::encode(const Planes& sound) {
  AVFrame& frame = *parts_->frame;
  const bool first = !parts_->begun;
  parts_->begun = true;
  std::string coded;
  if (av_frame_make_writable(&frame) >= 0) {
    for (std::size_t c = 0; c < sound.channels(); ++c)
      std::ranges::copy(sound.row(c).first(kAacFrameSamples),
                        reinterpret_cast<float*>(frame.extended_data[c]));
    if (avcodec_send_frame(parts_->context.get(), &frame) >= 0 &&
        avcodec_receive_packet(parts_->context.get(), parts_->packet.get()) >= 0) {
      const AVPacket& packet = *parts_->packet;
      coded.assign(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
      av_packet_unref(parts_->packet.get());
    }
  }
  frame.pts += kAacFrameSamples;
  if (first) return std::nullopt;
  return coded;
}

}  // namespace carrel::streamer
