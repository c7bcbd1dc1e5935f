#include "streamer/demux/late_sounds.hpp"

namespace carrel::streamer {
namespace {

constexpr unsigned kMostTries = 1000;  // of all sounds

/// What a decoder makes of the first packet.
bool decode(const AVPacket& packet, AVCodecParameters& description) {
  const AVCodec* decoder = avcodec_find_decoder(description.codec_id);
  if (decoder == nullptr) return false;
  const libav::Context context(avcodec_alloc_context3(decoder));
  const libav::Frame frame(av_frame_alloc());
  return context && frame && avcodec_parameters_to_context(context.get(), &description) >= 0 &&
         avcodec_open2(context.get(), decoder, nullptr) >= 0 &&
         avcodec_send_packet(context.get(), &packet) >= 0 &&
         avcodec_receive_frame(context.get(), frame.get()) >= 0 &&
         avcodec_parameters_from_context(&description, context.get()) >= 0;
}

}  // namespace

bool LateSounds::is_unheard(const AVStream& stream, const TrackInfo& described) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO &&
         (described.sample_rate == 0 || described.channels == 0);
}

bool LateSounds::hear(const AVStream& stream, const AVPacket& packet) {
  if (++tries_ > kMostTries || !decode(packet, *stream.codecpar)) return false;
  const AVCodecParameters& codec = *stream.codecpar;
  if (codec.sample_rate <= 0 || codec.ch_layout.nb_channels <= 0) return false;
  heard_[static_cast<std::size_t>(stream.index)].rate = codec.sample_rate;
  return true;
}

void LateSounds::date(const AVStream& stream, AVPacket& packet) {
  Heard& heard = heard_[static_cast<std::size_t>(stream.index)];
  if (heard.rate == 0) return;
  if (packet.pts == AV_NOPTS_VALUE) packet.pts = packet.dts = heard.next;
  if (packet.duration <= 0)
    packet.duration = av_rescale_q(av_get_audio_frame_duration2(stream.codecpar, packet.size),
                                   AVRational{1, heard.rate}, stream.time_base);
  if (packet.pts == AV_NOPTS_VALUE || packet.duration <= 0 ||
      __builtin_add_overflow(packet.pts, packet.duration, &heard.next))
    heard.next = AV_NOPTS_VALUE;
}

}  // namespace carrel::streamer
