#include "converter/convert/frame_stream.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace carrel::converter {
namespace {

/// Of MPEG-4 with packed B pictures a picture comes with the time of the chunk in which it is decoded, which
/// is not that of its turn: so many may come before the one whose time they have.
std::size_t most_held(const streamer::TrackInfo& info) {
  constexpr std::size_t most_between = 3;
  return static_cast<AVCodecID>(info.decoder) == AV_CODEC_ID_MPEG4 ? most_between : 0;
}

}  // namespace

FrameStream::FrameStream(const Source& source, const FramePlan& plan, std::size_t segment,
                         std::unique_ptr<Decoder> decoder, Heartbeat heartbeat)
    : source_(&source),
      plan_(&plan),
      segment_(segment),
      decoder_(std::move(decoder)),
      heartbeat_(std::move(heartbeat)),
      sample_(plan.segments[segment].first_sample),
      most_held_(most_held(source.info())) {}

Result<FrameStream> FrameStream::open(const Source& source, const FramePlan& plan, std::size_t segment,
                                      Heartbeat heartbeat) {
  auto decoder = Decoder::open(source.info());
  if (!decoder) return decoder.error();
  return FrameStream(source, plan, segment, std::move(*decoder), std::move(heartbeat));
}

Result<bool> FrameStream::feed() {
  if (finished_) return false;
  if (sample_ >= source_->samples().size()) {
    decoder_->finish();
    finished_ = true;
    return true;
  }
  heartbeat_(source_->shown(sample_));
  const auto bytes = source_->bytes(sample_);
  if (!bytes) return bytes.error();
  if (*bytes) decoder_->send(**bytes, source_->shown(sample_));
  ++sample_;
  return true;
}

void FrameStream::take(AVFrame& decoded) {
  libav::Frame frame(av_frame_alloc());
  if (!frame) return;
  av_frame_move_ref(frame.get(), &decoded);
  std::int64_t time = frame->best_effort_timestamp;
  if (time == libav::kNoTime) time = last_ == libav::kNoTime ? plan_->times.front() : last_ + 1;
  frame->pts = last_ = time;
  held_.push_back(std::move(frame));
  if (held_.size() < 2 || held_[held_.size() - 2]->pts <= time) return;
  std::vector<std::int64_t> times;
  for (const libav::Frame& one : held_) times.push_back(one->pts);
  std::ranges::sort(times);
  for (std::size_t i = 0; i < times.size(); ++i) held_[i]->pts = times[i];
}

void FrameStream::pass_on() {
  libav::Frame frame = std::move(held_.front());
  held_.pop_front();
  const std::int64_t time = frame->pts;
  while (segment_ < plan_->segments.size() && time >= plan_->times[plan_->segments[segment_].first_frame]) {
    deinterlacer_.cut();
    ++segment_;
  }
  deinterlacer_.put(std::move(frame));
}

Result<libav::Frame> FrameStream::next() {
  for (;;) {
    if (libav::Frame frame = deinterlacer_.take()) return frame;
    if (held_.size() > most_held_) {
      pass_on();
      continue;
    }
    if (AVFrame* decoded = decoder_->receive()) {
      take(*decoded);
      continue;
    }
    const auto fed = feed();
    if (!fed) return fed.error();
    if (*fed) continue;
    if (!held_.empty()) {
      pass_on();
      continue;
    }
    deinterlacer_.cut();
    return deinterlacer_.take();
  }
}

}  // namespace carrel::converter
