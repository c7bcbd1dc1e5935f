#include "streamer/demux/collector.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "streamer/demux/sound_config.hpp"
#include "streamer/index/format.hpp"

namespace carrel::streamer {
namespace {

std::string side_data(const AVPacket& packet, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, type, &size);
  return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

constexpr const char* kChanges = "changes its parameters in the middle";

bool has_entry(const std::vector<RawSample>& samples, Entry entry) {
  return std::ranges::any_of(samples, [entry](const RawSample& sample) { return sample.entry == entry; });
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

void Collector::decode_instead(std::string obstacle) {
  if (track_.use == TrackUse::remux) have_decoded(track_, std::move(obstacle));
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
  return {};
}

/// The sound's configuration where the first frame tells it, and what is not to be heard at both ends.
void Collector::meet_sound(const AVPacket& packet, std::span<const std::byte> bytes) {
  constexpr std::uint32_t most = 1U << 20;
  if (samples_.empty() && track_.use == TrackUse::remux && configured_by_frame(track_.info.codec)) {
    const auto configured = configure_by_frame(track_.info, bytes);
    if (!configured) decode_instead("cannot be described: " + configured.error().message);
  }
  const std::string skip = side_data(packet, AV_PKT_DATA_SKIP_SAMPLES);
  last_trailing_ = 0;
  if (skip.size() < 2 * sizeof(std::uint32_t)) return;
  std::array<std::uint32_t, 2> samples{};  // at the start and at the end, little endian
  std::memcpy(samples.data(), skip.data(), sizeof samples);
  if (samples_.empty()) track_.info.priming = std::min(samples[0], most);
  last_trailing_ = std::min(samples[1], most);
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

  if (track_.info.kind == MediaKind::audio) meet_sound(packet, bytes);
  if (!side_data(packet, AV_PKT_DATA_NEW_EXTRADATA).empty()) decode_instead(kChanges);

  RawSample sample;
  sample.offset = *offset;
  sample.size = static_cast<std::uint32_t>(packet.size);
  sample.container_key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  const bool picture = track_.info.kind == MediaKind::video;
  sample.entry = !picture || sample.container_key ? Entry::sync : Entry::none;
  if (bitstream_) sample.entry = bitstream_->classify(bytes);
  sample.pts = ticks(packet.pts);
  sample.dts = ticks(packet.dts);
  last_duration_ = packet.duration > 0 ? std::max<std::int64_t>(ticks(packet.duration), 0) : 0;
  // As `ffmpeg -c copy`: pictures before the first that the container calls a key are of no use.
  if (picture && samples_.empty() && !sample.container_key && sample.entry != Entry::sync) return;
  samples_.push_back(sample);
}

void Collector::finish() {
  if (refused()) return;
  if (samples_.empty()) return refuse("has no frames");
  if (track_.info.kind == MediaKind::audio) {
    if (last_trailing_ > 0) track_.info.trailing = last_trailing_;
    return;
  }
  if (bitstream_ && bitstream_->parameters_change()) decode_instead(kChanges);
  settle_doubtful_entries(samples_);
  if (has_entry(samples_, Entry::sync)) return;
  if (track_.use == TrackUse::remux)
    findings_.emplace_back(
        "has no picture at which a player can begin without errors (open groups of pictures)");
  if (!has_entry(samples_, Entry::open)) {
    for (RawSample& sample : samples_)
      if (sample.container_key) sample.entry = Entry::open;
  }
  samples_.front().entry = Entry::sync;
}

void Collector::complete(TrackInfo& info, double frames_per_second) const {
  if (bitstream_) bitstream_->complete(info, frames_per_second);
}

}  // namespace carrel::streamer
