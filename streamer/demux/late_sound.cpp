#include "streamer/demux/late_sound.hpp"

namespace carrel::streamer {

bool is_unheard(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  return codec.codec_type == AVMEDIA_TYPE_AUDIO &&
         (codec.sample_rate <= 0 || codec.ch_layout.nb_channels <= 0);
}

bool hear(const AVStream& stream, const AVPacket& packet) {
  const AVCodec* decoder = avcodec_find_decoder(stream.codecpar->codec_id);
  const libav::Context context(avcodec_alloc_context3(decoder));
  const libav::Frame frame(av_frame_alloc());
  if (decoder == nullptr || !context || !frame ||
      avcodec_parameters_to_context(context.get(), stream.codecpar) < 0 ||
      avcodec_open2(context.get(), decoder, nullptr) < 0 || avcodec_send_packet(context.get(), &packet) < 0 ||
      avcodec_receive_frame(context.get(), frame.get()) < 0)
    return false;
  return avcodec_parameters_from_context(stream.codecpar, context.get()) >= 0 && !is_unheard(stream);
}

}  // namespace carrel::streamer
