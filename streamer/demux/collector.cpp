#include "streamer/demux/collector.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "streamer/index/format.hpp"

namespace carrel::streamer {
namespace {

std::string side_data(const AVPacket& packet, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, type, &size);
  return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

void settle_doubtful_entries(std::vector<RawSample>& samples) {
  RawSample* doubtful = nullptr;
  for (RawSample& sample : samples) {
    if (sample.entry == Entry::leading && doubtful != nullptr) doubtful->entry = Entry::open;
    if (sample.entry == Entry::none || sample.entry == Entry::leading) continue;
    doubtful = sample.entry == Entry::doubtful ? &sample : nullptr;
    if (doubtful != nullptr) sample.entry = Entry::sync;
  }
}

}  // namespace

Collector::Collector(DescribedTrack track, FilmReader& film) : track_(std::move(track)), locator_(film) {
  bitstream_ = make_bitstream(track_.info.codec, track_.info.config);
}

void Collector::refuse(std::string why) {
  if (refused()) return;
  track_.refusal = std::move(why);
  samples_ = {};
}

std::int64_t Collector::ticks(std::int64_t units) const {
  std::int64_t result = kNoTime;
  if (units == AV_NOPTS_VALUE || __builtin_mul_overflow(units, std::int64_t{track_.ticks_per_unit}, &result))
    return kNoTime;
  return result;
}

std::string Collector::why_unfit(const AVPacket& packet) const {
  if (static_cast<std::size_t>(packet.size) > kMaxSampleBytes) return "has a frame that is too large";
  if (!side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO).empty()) return "is encrypted";
  if (!side_data(packet, AV_PKT_DATA_NEW_EXTRADATA).empty())
    return "changes its parameters in the middle, which is not supported";
  return {};
}

void Collector::take(const AVPacket& packet) {
  if (refused() || packet.size <= 0) return;
  std::string unfit = why_unfit(packet);
  if (!unfit.empty()) return refuse(std::move(unfit));
  const auto bytes =
      std::span(reinterpret_cast<const std::byte*>(packet.data), static_cast<std::size_t>(packet.size));
  const auto offset = locator_.find(packet.pos, bytes);
  if (!offset)
    return refuse("is not stored in one piece that could be sent as it is (compressed or rewritten headers)");

  RawSample sample;
  sample.offset = *offset;
  sample.size = static_cast<std::uint32_t>(packet.size);
  sample.container_key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  sample.entry = bitstream_ ? bitstream_->classify(bytes) : Entry::sync;
  sample.pts = ticks(packet.pts);
  sample.dts = ticks(packet.dts);
  last_duration_ = packet.duration > 0 ? std::max<std::int64_t>(ticks(packet.duration), 0) : 0;
  // As `ffmpeg -c copy`: pictures before the first that the container calls a key are of no use.
  if (bitstream_ && samples_.empty() && !sample.container_key && sample.entry != Entry::sync) return;
  samples_.push_back(sample);
}

void Collector::finish() {
  if (refused()) return;
  if (samples_.empty()) return refuse("has no frames");
  if (!bitstream_) return;
  if (bitstream_->parameters_change())
    return refuse("changes its parameters in the middle, which is not supported");
  settle_doubtful_entries(samples_);
  const bool any = std::any_of(samples_.begin(), samples_.end(),
                               [](const RawSample& sample) { return sample.entry == Entry::sync; });
  if (!any) refuse("has no picture at which a player could begin");
}

void Collector::complete(TrackInfo& info, double frames_per_second) const {
  if (bitstream_) bitstream_->complete(info, frames_per_second);
}

}  // namespace carrel::streamer
