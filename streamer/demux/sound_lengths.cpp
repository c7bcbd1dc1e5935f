#include "streamer/demux/sound_lengths.hpp"

#include <algorithm>
#include <cstdlib>

#include "streamer/index/ticks.hpp"

namespace carrel::streamer {

std::unique_ptr<SoundLengths> SoundLengths::make(const TrackInfo& info) {
  if (info.decoder != AV_CODEC_ID_VORBIS || info.sample_rate == 0) return nullptr;
  auto lengths = std::make_unique<SoundLengths>();
  lengths->vorbis_.reset(av_vorbis_parse_init(reinterpret_cast<const std::uint8_t*>(info.config.data()),
                                              static_cast<int>(info.config.size())));
  if (!lengths->vorbis_) return nullptr;
  return lengths;
}

std::uint32_t SoundLengths::length_of(Bytes packet) {
  const int length = av_vorbis_parse_frame(
      vorbis_.get(), reinterpret_cast<const std::uint8_t*>(packet.data()), static_cast<int>(packet.size()));
  return static_cast<std::uint32_t>(std::max(length, 0));
}

std::int64_t lay_side_by_side(std::vector<RawSample>& samples, TrackInfo& info, std::int64_t last_duration) {
  const auto unfit = [&](const RawSample& sample) {
    constexpr std::int64_t most_seconds = 10'000'000;
    return sample.length == 0 || sample.pts == kNoTime ||
           std::abs(sample.pts) / info.timescale > most_seconds;
  };
  if (samples.empty() || std::ranges::any_of(samples, unfit)) return last_duration;
  const std::int64_t tolerance = info.sample_rate / 200 + info.sample_rate / info.timescale + 1;
  std::int64_t expected = kNoTime / 2;
  for (RawSample& sample : samples) {
    const std::int64_t told = rescale(sample.pts, info.timescale, info.sample_rate);
    if (std::abs(expected - told) > tolerance) expected = told;
    sample.pts = sample.dts = expected;
    expected += sample.length;
  }
  info.timescale = info.sample_rate;
  return samples.back().length;
}

}  // namespace carrel::streamer
