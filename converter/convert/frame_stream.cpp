#include "converter/convert/frame_stream.hpp"

#include <utility>

namespace carrel::converter {

FrameStream::FrameStream(const Source& source, const FramePlan& plan, std::size_t segment,
                         std::unique_ptr<Decoder> decoder, Heartbeat heartbeat)
    : source_(&source),
      plan_(&plan),
      segment_(segment),
      decoder_(std::move(decoder)),
      heartbeat_(std::move(heartbeat)),
      sample_(plan.segments[segment].first_sample) {}

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
  while (segment_ < plan_->segments.size() && time >= plan_->times[plan_->segments[segment_].first_frame]) {
    deinterlacer_.cut();
    ++segment_;
  }
  deinterlacer_.put(std::move(frame));
}

Result<libav::Frame> FrameStream::next() {
  for (;;) {
    if (libav::Frame frame = deinterlacer_.take()) return frame;
    if (AVFrame* decoded = decoder_->receive()) {
      take(*decoded);
      continue;
    }
    const auto fed = feed();
    if (!fed) return fed.error();
    if (*fed) continue;
    deinterlacer_.cut();
    return deinterlacer_.take();
  }
}

}  // namespace carrel::converter
