#include "converter/convert/segment_maker.hpp"

#include <algorithm>
#include <utility>

namespace carrel::converter {
namespace {

constexpr std::uint8_t kBlack = 16;
constexpr std::uint8_t kColourless = 128;

libav::Frame black_picture(Size size) {
  libav::Frame frame =
      libav::make_frame(AV_PIX_FMT_YUV420P, static_cast<int>(size.width), static_cast<int>(size.height));
  if (!frame) return nullptr;
  std::fill_n(frame->data[0], std::ptrdiff_t{frame->linesize[0]} * frame->height, kBlack);
  for (int plane = 1; plane < 3; ++plane)
    std::fill_n(frame->data[plane], std::ptrdiff_t{frame->linesize[plane]} * (frame->height / 2),
                kColourless);
  return frame;
}

Planes planes_of(const AVFrame& frame) {
  return {{frame.data[0], frame.data[1], frame.data[2]},
          {frame.linesize[0], frame.linesize[1], frame.linesize[2]}};
}

}  // namespace

SegmentMaker::SegmentMaker(const FramePlan& plan, const EncoderSettings& settings, FrameStream frames,
                           Scaler scaler)
    : plan_(&plan), settings_(settings), frames_(std::move(frames)), scaler_(std::move(scaler)) {}

Result<AVFrame*> SegmentMaker::picture_at(std::int64_t time) {
  libav::Frame shown;
  for (;;) {
    if (!next_ && !ended_) {
      auto next = frames_.next();
      if (!next) return next.error();
      next_ = std::move(*next);
      ended_ = !next_;
      if (next_) ++decoded_;
    }
    // Before there is any the first one has to do.
    const bool is_due = next_ && (next_->pts <= time || (picture_ == nullptr && !shown));
    if (!is_due) break;
    shown = std::move(next_);
  }
  if (shown) {
    auto scaled = scaler_.convert(*shown);
    // A frame of an unknown form is damage like any other.
    if (scaled) picture_ = *scaled;
    if (!scaled && scaled.error().kind != ErrorKind::invalid) return scaled.error();
  }
  if (picture_ != nullptr) return picture_;
  if (!black_) black_ = black_picture(settings_.size);
  if (!black_) return make_error(ErrorKind::internal, "no memory for a picture");
  return black_.get();
}

Result<CheckpointSegment> SegmentMaker::make(std::size_t number, std::uint64_t media_begin,
                                             const Write& write, const Made& made) {
  const FramePlan::Segment& planned = plan_->segments[number];
  auto encoder = X264Encoder::open(settings_, planned.may_reorder);
  if (!encoder) return encoder.error();
  CheckpointSegment segment{media_begin, {}};
  std::vector<X264Encoder::Frame> encoded;
  const auto put = [&]() -> Result<void> {
    for (const X264Encoder::Frame& frame : encoded) {
      auto written = write(segment.media_end, frame.bytes);
      if (!written) return written;
      segment.media_end += frame.bytes.size();
      segment.frames.push_back({static_cast<std::uint32_t>(frame.bytes.size()), frame.time});
    }
    encoded.clear();
    return {};
  };
  for (std::size_t i = 0; i < planned.frames; ++i) {
    const std::int64_t time = plan_->times[planned.first_frame + i];
    const auto picture = picture_at(time);
    if (!picture) return picture.error();
    auto done = encoder->encode(planes_of(**picture), time, encoded);
    if (done) done = put();
    if (!done) return done.error();
    made(planned.first_frame + i);
  }
  auto done = encoder->finish(encoded);
  if (done) done = put();
  if (!done) return done.error();
  if (segment.frames.size() != planned.frames)
    return make_error(ErrorKind::internal, "the encoder kept frames back");
  return segment;
}

}  // namespace carrel::converter
