#include "streamer/transcode/aac_frames.hpp"

#include <utility>

namespace carrel::streamer {

struct AacFrames::Order {
  std::shared_ptr<const IndexView> index;
  std::uint32_t track;
  AacPlan plan;  // without its segments
  FrameRange wanted;
  ReadFilm read;
  std::optional<AacJob> job;
};

AacFrames::AacFrames(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
                     const FrameRange& frames, ReadFilm read)
    : bytes_(aac_room(plan, frames)) {
  AacPlan own{plan.sample_rate, plan.channels,   plan.frame_bytes, plan.start, plan.frame_count,
              plan.heard_from,  plan.heard_to, plan.config,      {}};
  order_ = std::make_unique<Order>(
      Order{std::move(index), track, std::move(own), frames, std::move(read), std::nullopt});
}

AacFrames::~AacFrames() = default;

Result<void> AacFrames::make(int film, std::chrono::steady_clock::time_point until) {
  if (made()) return {};
  if (!order_->job) {
    auto job = AacJob::make(order_->index, order_->track, order_->plan, order_->wanted);
    if (!job) return job.error();
    order_->job.emplace(std::move(*job));
  }
  const auto read = [&](const Pieces& pieces) { return order_->read(film, pieces); };
  const auto done = order_->job->work(read, until);
  if (!done) {
    order_->job.reset();
    return done.error();
  }
  if (*done) {
    frames_ = order_->job->take();
    order_.reset();
  }
  return {};
}

}  // namespace carrel::streamer
