#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "streamer/transcode/aac_job.hpp"
#include "streamer/transcode/aac_plan.hpp"
#include "streamer/transcode/planes.hpp"
#include "tests/unit/media/index_file.hpp"

/// Films of PCM that lie in memory, made into AAC and decoded again.
namespace carrel::streamer::testing {

/// The value at `sample` of `channel`, -1 to 1.
using Wave = std::function<double(std::int64_t sample, std::size_t channel)>;

struct PcmFilm {
  std::string bytes;
  FilmIndex index;
};

struct PcmShape {
  std::uint32_t rate = 48000;
  std::uint16_t channels = 2;
  std::uint32_t samples = 48000 * 10;
  std::uint32_t packet = 1152;      ///< samples in each coded one
  std::uint32_t timescale = 48000;  ///< times are rounded to it
  std::uint64_t start = 0;          ///< samples
};

[[nodiscard]] PcmFilm pcm_film(const PcmShape& shape, const Wave& wave);

/// Of all segments of the first track, in order, each by a job of its own.
[[nodiscard]] std::vector<std::string> all_segments(const PcmFilm& film, protocol::Form form);
[[nodiscard]] std::string one_segment(const PcmFilm& film, protocol::Form form, std::uint32_t number);

/// The coded frames that the `trun` of a segment names.
[[nodiscard]] std::vector<std::string> frames_of(const std::string& segment);

/// What a player hears, from the plan's start on.
[[nodiscard]] Planes heard(const AacPlan& plan, const std::vector<std::string>& segments);

/// Signal to noise of `count` samples from `first` on, dB; 200 at most.
[[nodiscard]] double snr(const Planes& sound, std::size_t channel, std::int64_t first, std::int64_t count,
                         const std::function<double(std::int64_t)>& expected);

}  // namespace carrel::streamer::testing
