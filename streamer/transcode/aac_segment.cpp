#include "streamer/transcode/aac_segment.hpp"

#include <algorithm>
#include <utility>

namespace carrel::streamer {

struct AacSegmentMaker::Order {
  std::shared_ptr<const IndexView> index;
  std::uint32_t track;
  AacPlan plan;  // with this segment only
  std::uint32_t number;
  ReadFilm read;
  std::optional<AacJob> job;
};

AacSegmentMaker::AacSegmentMaker(std::shared_ptr<const IndexView> index, std::uint32_t track,
                                 const AacPlan& plan, std::uint32_t segment, ReadFilm read)
    : bytes_(plan.segments[segment].bytes) {
  AacPlan own = plan;
  own.segments = {plan.segments[segment]};
  order_ = std::make_unique<Order>(
      Order{std::move(index), track, std::move(own), segment, std::move(read), std::nullopt});
}

AacSegmentMaker::~AacSegmentMaker() = default;

Result<void> AacSegmentMaker::prepare(int film, std::chrono::steady_clock::time_point until) {
  if (prepared()) return {};
  if (!order_->job) {
    auto job = AacJob::make(order_->index, order_->track, order_->plan, order_->plan.segments.front(),
                            order_->number);
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
    made_ = order_->job->take();
    order_.reset();
  }
  return {};
}

Result<void> AacSegmentMaker::make(int film, std::uint64_t offset, std::span<char> into) {
  const auto made = prepare(film, std::chrono::steady_clock::time_point::max());
  if (!made) return made.error();
  made_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  return {};
}

}  // namespace carrel::streamer
