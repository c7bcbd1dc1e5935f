#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/describe_track.hpp"
#include "streamer/demux/locator.hpp"
#include "streamer/demux/raw_sample.hpp"

namespace carrel::streamer {

/// Gathers the samples of one wanted track, proving each. After the first that cannot go out as it is, the
/// track is refused and takes no more.
class Collector {
 public:
  Collector(DescribedTrack track, FilmReader& film);

  void take(const AVPacket& packet);
  /// Decides what only the whole track tells. To be called once, after the last packet.
  void finish();
  void refuse(std::string why);

  [[nodiscard]] const DescribedTrack& track() const { return track_; }
  [[nodiscard]] bool refused() const { return !track_.refusal.empty(); }
  [[nodiscard]] std::size_t count() const { return samples_.size(); }
  /// Ticks that the container gives the last sample; 0: it does not say.
  [[nodiscard]] std::int64_t last_duration() const { return last_duration_; }
  [[nodiscard]] std::vector<RawSample> take_samples() { return std::move(samples_); }
  void complete(TrackInfo& info, double frames_per_second) const;

 private:
  [[nodiscard]] std::string why_unfit(const AVPacket& packet) const;
  [[nodiscard]] std::int64_t ticks(std::int64_t units) const;

  DescribedTrack track_;
  SampleLocator locator_;
  std::unique_ptr<Bitstream> bitstream_;  // null for audio
  std::vector<RawSample> samples_;
  std::int64_t last_duration_ = 0;
};

}  // namespace carrel::streamer
