#include "streamer/transcode/decoder.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "streamer/transcode/decoder_setup.hpp"
#include "streamer/transcode/libav.hpp"
#include "streamer/transcode/mix.hpp"

namespace carrel::streamer {
namespace {

constexpr int kMostFrameSamples = 1 << 20;
constexpr int kMostChannels = 64;
constexpr int kLowestRate = 1000, kHighestRate = 768'000;

Error no_decoder(const std::string& why) {
  return make_error(ErrorKind::invalid, "the sound cannot be decoded: " + why + "; index the film again");
}

float finite(float value) {
  constexpr float most = 8;  // far beyond full scale; keeps later sums finite
  return std::isfinite(value) ? std::clamp(value, -most, most) : 0.0F;
}

template <class T>
float to_float(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return finite(static_cast<float>(value));
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    return static_cast<float>(value - 128) / 128.0F;
  } else {
    constexpr float full = -static_cast<float>(std::numeric_limits<T>::min());
    return static_cast<float>(value) / full;
  }
}

template <class T>
void copy_rows(const AVFrame& frame, Planes& to) {
  const auto channels = to.channels();
  const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame.format)) != 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const T* from = reinterpret_cast<const T*>(frame.extended_data[planar ? c : 0]) + (planar ? 0 : c);
    const std::size_t step = planar ? 1 : channels;
    for (float& sample : to.row(c)) {
      sample = to_float(*from);
      from += step;
    }
  }
}

bool copy_sound(const AVFrame& frame, Planes& to) {
  switch (static_cast<AVSampleFormat>(frame.format)) {
    case AV_SAMPLE_FMT_U8:
    case AV_SAMPLE_FMT_U8P: copy_rows<std::uint8_t>(frame, to); return true;
    case AV_SAMPLE_FMT_S16:
    case AV_SAMPLE_FMT_S16P: copy_rows<std::int16_t>(frame, to); return true;
    case AV_SAMPLE_FMT_S32:
    case AV_SAMPLE_FMT_S32P: copy_rows<std::int32_t>(frame, to); return true;
    case AV_SAMPLE_FMT_S64:
    case AV_SAMPLE_FMT_S64P: copy_rows<std::int64_t>(frame, to); return true;
    case AV_SAMPLE_FMT_FLT:
    case AV_SAMPLE_FMT_FLTP: copy_rows<float>(frame, to); return true;
    case AV_SAMPLE_FMT_DBL:
    case AV_SAMPLE_FMT_DBLP: copy_rows<double>(frame, to); return true;
    default: return false;
  }
}

std::uint64_t mask_of(const AVFrame& frame, std::uint64_t told) {
  const auto channels = frame.ch_layout.nb_channels;
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE) return frame.ch_layout.u.mask;
  if (std::popcount(told) == channels) return told;
  const std::uint64_t usual = usual_mask(static_cast<std::size_t>(channels));
  if (usual != 0) return usual;
  return channels >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << channels) - 1;
}

std::optional<Decoded> sound_of(const AVFrame& frame, std::uint64_t told_mask) {
  const int channels = frame.ch_layout.nb_channels;
  if (frame.nb_samples <= 0 || frame.nb_samples > kMostFrameSamples || channels <= 0 ||
      channels > kMostChannels || frame.sample_rate < kLowestRate || frame.sample_rate > kHighestRate)
    return std::nullopt;
  Decoded decoded;
  decoded.sample = frame.pts == AV_NOPTS_VALUE ? -1 : frame.pts;
  decoded.rate = static_cast<std::uint32_t>(frame.sample_rate);
  decoded.mask = mask_of(frame, told_mask);
  decoded.sound = Planes(static_cast<std::size_t>(channels));
  decoded.sound.resize(static_cast<std::size_t>(frame.nb_samples));
  if (!copy_sound(frame, decoded.sound)) return std::nullopt;
  return decoded;
}

/// As ASF has it, for decoders of WMA; exact where the rate is constant, as there.
std::int64_t bit_rate_of(const IndexView::Track& track) {
  double bytes = 0;
  for (const SegmentRecord& segment : track.segments) bytes += static_cast<double>(segment.bytes);
  const SegmentRecord& last = track.segments.back();
  const auto ticks = static_cast<double>(last.start + last.duration - track.segments.front().start);
  const double rate = bytes * 8 * track.info.timescale / std::max(ticks, 1.0);
  return static_cast<std::int64_t>(std::min(rate, 1e9));
}

bool describe(AVCodecContext& context, const IndexView::Track& track) {
  const TrackInfo& info = track.info;
  context.sample_rate = static_cast<int>(info.sample_rate);
  context.block_align = info.block_bytes;
  context.bits_per_coded_sample = static_cast<int>(std::min(info.coded_bits, 64U));
  context.bit_rate = bit_rate_of(track);
  // Where a mask does not go with the number of channels, only these are believed.
  if (info.channel_mask == 0 || std::popcount(info.channel_mask) != info.channels ||
      av_channel_layout_from_mask(&context.ch_layout, info.channel_mask) < 0)
    av_channel_layout_default(&context.ch_layout, info.channels);
  const std::string extradata = extradata_of(info);
  if (extradata.empty()) return true;
  context.extradata = static_cast<std::uint8_t*>(av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (context.extradata == nullptr) return false;
  std::memcpy(context.extradata, extradata.data(), extradata.size());
  context.extradata_size = static_cast<int>(extradata.size());
  return true;
}

}  // namespace

struct Decoder::Parts {
  libav::Context context;
  libav::Frame frame{av_frame_alloc()};
  libav::Packet packet{av_packet_alloc()};
  std::uint64_t mask = 0;
};

Decoder::Decoder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Decoder> Decoder::make(const IndexView::Track& track) {
  av_log_set_level(AV_LOG_QUIET);  // what a hostile film makes it say helps nobody
  const AVCodec* codec = avcodec_find_decoder(decoder_of(track.info));
  if (codec == nullptr || codec->type != AVMEDIA_TYPE_AUDIO) return no_decoder("there is no decoder for it");
  auto parts = std::make_unique<Parts>();
  parts->context.reset(avcodec_alloc_context3(codec));
  parts->mask = track.info.channel_mask;
  if (!parts->context || !parts->frame || !parts->packet)
    return make_error(ErrorKind::internal, "there is no memory to decode the sound");
  AVCodecContext& context = *parts->context;
  if (!describe(context, track))
    return make_error(ErrorKind::internal, "there is no memory to decode the sound");
  context.thread_count = 1;
  context.flags2 |=
      AV_CODEC_FLAG2_SKIP_MANUAL;  // positions are absolute: what is not heard is silenced later
  context.pkt_timebase = AVRational{1, 1};
  if (avcodec_open2(&context, codec, nullptr) < 0) return no_decoder("its parameters are damaged");
  return Decoder(std::move(parts));
}

void Decoder::decode(std::int64_t sample, std::string_view bytes,
                     const std::function<void(const Decoded&)>& take) {
  AVPacket& packet = *parts_->packet;
  if (bytes.empty() || av_new_packet(&packet, static_cast<int>(bytes.size())) < 0) return;
  std::memcpy(packet.data, bytes.data(), bytes.size());
  packet.pts = packet.dts = sample;
  const int sent = avcodec_send_packet(parts_->context.get(), &packet);
  av_packet_unref(&packet);
  if (sent < 0) return;
  while (avcodec_receive_frame(parts_->context.get(), parts_->frame.get()) >= 0) {
    const auto decoded = sound_of(*parts_->frame, parts_->mask);
    if (decoded) take(*decoded);
  }
}

void Decoder::finish(const std::function<void(const Decoded&)>& take) {
  if (avcodec_send_packet(parts_->context.get(), nullptr) < 0) return;
  while (avcodec_receive_frame(parts_->context.get(), parts_->frame.get()) >= 0) {
    const auto decoded = sound_of(*parts_->frame, parts_->mask);
    if (decoded) take(*decoded);
  }
}

}  // namespace carrel::streamer
