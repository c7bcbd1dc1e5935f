#include "streamer/transcode/aac_job.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "streamer/transcode/silent_frame.hpp"

namespace carrel::streamer {
namespace {

/// Frames that are encoded ahead of a segment, until the encoder decides as it did for the segment before.
constexpr std::uint32_t kWarmUpFrames = 16;

/// Of the plan's rate. The encoder keeps to its rate within some percent over a few seconds, so the first
/// nearly always does.
constexpr std::array kPercentOfRate{94, 80, 64, 48, 32};

std::uint64_t bytes_in(const std::vector<std::string>& frames) {
  return std::accumulate(frames.begin(), frames.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const std::string& frame) { return sum + frame.size(); });
}

}  // namespace

void fit_frames(std::vector<std::string>& frames, std::uint64_t room, std::size_t channels) {
  const std::string silence = silent_aac_frame(channels);
  for (std::uint64_t bytes = bytes_in(frames); bytes > room;) {
    auto largest =
        std::ranges::max_element(frames, {}, [](const std::string& frame) { return frame.size(); });
    if (largest == frames.end() || largest->size() <= silence.size()) return;
    bytes -= largest->size() - silence.size();
    *largest = silence;
  }
}

Result<AacJob> AacJob::make(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
                            const FrameRange& frames) {
  AacJob job(std::move(index), track, plan, frames);
  if (is_silent(plan, frames)) {
    job.frames_.assign(frames.count, silent_aac_frame(plan.channels));
    job.made_ = true;
    return job;
  }
  const auto begun = job.begin_attempt();
  if (!begun) return begun.error();
  return job;
}

AacJob::AacJob(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
               const FrameRange& frames)
    : index_(std::move(index)), track_(track), wanted_(frames) {
  plan_.sample_rate = plan.sample_rate;
  plan_.channels = plan.channels;
  plan_.frame_bytes = plan.frame_bytes;
  plan_.start = plan.start;
  plan_.heard_from = plan.heard_from;
  plan_.heard_to = plan.heard_to;
}

Result<void> AacJob::begin_attempt() {
  const auto block = [this](std::int64_t number) {
    return static_cast<std::int64_t>(plan_.start) + number * kAacFrameSamples;
  };
  const std::int64_t first = wanted_.first;
  SourceSound::Wanted wanted;
  wanted.rate = plan_.sample_rate;
  wanted.channels = plan_.channels;
  wanted.from = block(first - kWarmUpFrames);
  wanted.to = block(first + wanted_.count + AacEncoder::kLookahead);
  wanted.heard_from = plan_.heard_from;
  wanted.heard_to = plan_.heard_to;
  auto sound = SourceSound::make(*index_, index_->tracks()[track_], wanted);
  if (!sound) return sound.error();
  const std::int64_t rate = std::int64_t{plan_.frame_bytes} * 8 * plan_.sample_rate / kAacFrameSamples;
  auto encoder = AacEncoder::make(plan_.sample_rate, plan_.channels, rate * kPercentOfRate[attempt_] / 100);
  if (!encoder) return encoder.error();
  sound_.emplace(std::move(*sound));
  encoder_.emplace(std::move(*encoder));
  blocks_ = 0;
  frames_.clear();
  return {};
}

Result<bool> AacJob::work(const ReadPieces& read, std::chrono::steady_clock::time_point until) {
  while (!made_) {
    if (sound_->ready().size() >= kAacFrameSamples) {
      encode_block();
      if (frames_.size() == wanted_.count) {
        const auto ended = end_attempt();
        if (!ended) return ended.error();
      }
    } else {
      const auto stepped = sound_->step(read);
      if (!stepped) return stepped.error();
    }
    if (std::chrono::steady_clock::now() >= until) break;
  }
  return made_;
}

void AacJob::encode_block() {
  auto frame = encoder_->encode(sound_->ready());
  sound_->taken(kAacFrameSamples);
  // Block 0 gives nothing, block 1 the frame before the first block, and so on.
  if (++blocks_ <= kWarmUpFrames + AacEncoder::kLookahead) return;
  frames_.push_back(frame && !frame->empty() ? std::move(*frame) : silent_aac_frame(plan_.channels));
}

Result<void> AacJob::end_attempt() {
  const std::uint64_t room = aac_room(plan_, wanted_);
  if (bytes_in(frames_) > room && ++attempt_ < kPercentOfRate.size()) return begin_attempt();
  fit_frames(frames_, room, plan_.channels);
  made_ = true;
  sound_.reset();
  encoder_.reset();
  return {};
}

}  // namespace carrel::streamer
