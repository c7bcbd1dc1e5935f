#include "converter/pictures/finder.hpp"

#include <algorithm>
#include <utility>

namespace carrel::converter {
namespace {

constexpr std::size_t kMostOfOnePicture = 4;  // samples: a picture may be stored as two fields

}  // namespace

FrameFinder::FrameFinder(const Source& source, std::unique_ptr<Decoder> decoder)
    : source_(&source), decoder_(std::move(decoder)) {
  for (std::size_t i = 0; i < source.samples().size(); ++i) {
    if (source.samples()[i].size == 0) continue;
    shown_.push_back(source.shown(i));
    if (source.is_sync(i)) entries_.push_back(i);
  }
  std::ranges::sort(shown_);
  if (entries_.empty()) entries_.push_back(0);
  std::ranges::sort(entries_, {}, [&](std::size_t sample) { return source.shown(sample); });
}

Result<FrameFinder> FrameFinder::open(const Source& source) {
  auto decoder = Decoder::open(source.info());
  if (!decoder) return decoder.error();
  return FrameFinder(source, std::move(*decoder));
}

std::size_t FrameFinder::entry_before(std::int64_t ticks) const {
  const auto after = std::ranges::upper_bound(entries_, ticks, {},
                                              [&](std::size_t sample) { return source_->shown(sample); });
  return after == entries_.begin() ? entries_.front() : *std::prev(after);
}

void FrameFinder::start_at(std::size_t entry) {
  decoder_->start_over();
  decoder_->skip_unneeded(false);
  entry_ = entry;
  next_ = entry;
  finished_ = false;
  kept_.reset();
  ahead_.reset();
}

Result<AVFrame*> FrameFinder::sync(std::int64_t ticks) {
  start_at(entry_before(ticks));
  decoder_->be_coarse();
  const std::size_t end = std::min(next_ + kMostOfOnePicture, source_->samples().size());
  for (; next_ < end; ++next_) {
    const auto bytes = source_->bytes(next_);
    if (!bytes) return bytes.error();
    if (!*bytes) return nullptr;
    decoder_->send(**bytes, source_->shown(next_));
    if (AVFrame* frame = decoder_->receive()) return frame;
    // Nothing that follows is needed to show it.
    decoder_->finish();
    if (AVFrame* frame = decoder_->receive()) return frame;
    decoder_->start_over();
    if (next_ + 1 < end) decoder_->send(**bytes, source_->shown(next_));
  }
  return nullptr;
}

bool FrameFinder::note(AVFrame& frame, std::int64_t wanted) {
  libav::Frame copy(av_frame_alloc());
  if (!copy) return false;
  av_frame_move_ref(copy.get(), &frame);
  const std::int64_t time = copy->best_effort_timestamp;
  if (time == libav::kNoTime || time <= wanted || !kept_) {
    kept_ = std::move(copy);
    return time != libav::kNoTime && time >= wanted;
  }
  ahead_ = std::move(copy);
  return true;
}

Result<AVFrame*> FrameFinder::exact(std::int64_t ticks) {
  const auto after = std::ranges::upper_bound(shown_, ticks);
  const std::int64_t wanted = after == shown_.begin() ? shown_.front() : *std::prev(after);
  const std::size_t entry = entry_before(ticks);
  const bool goes_on = entry_ && *entry_ == entry && kept_ && kept_->best_effort_timestamp <= wanted;
  if (!goes_on) start_at(entry);
  if (ahead_ && ahead_->best_effort_timestamp > wanted) return kept_.get();
  if (ahead_) kept_ = std::move(ahead_);
  if (kept_ && kept_->best_effort_timestamp == wanted) return kept_.get();
  for (;;) {
    while (AVFrame* frame = decoder_->receive()) {
      if (note(*frame, wanted)) return kept_.get();
    }
    if (finished_) return kept_.get();
    if (next_ >= source_->samples().size()) {
      decoder_->finish();
      finished_ = true;
      continue;
    }
    const auto bytes = source_->bytes(next_);
    decoder_->skip_unneeded(source_->shown(next_) < wanted);
    if (!bytes) return bytes.error();
    if (*bytes) decoder_->send(**bytes, source_->shown(next_));
    ++next_;
  }
}

}  // namespace carrel::converter
