#include "streamer/transcode/source_sound.hpp"

#include <algorithm>
#include <cstdlib>

#include "streamer/package/sample_bytes.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kMostCodedBytes = 2U << 20;  // of one coded sample; PCM comes in the largest
constexpr std::int64_t kSilenceAtOnce = 4096;

/// Long enough for every decoder here to be exact: MP3's reservoir, Opus's 80 ms, TrueHD's major sync.
constexpr std::int64_t preroll(const TrackInfo& info, bool exact) {
  return std::int64_t{info.sample_rate} / (exact ? 2 : 1);
}

std::int64_t scaled(std::int64_t value, std::uint32_t from, std::uint32_t to) {
  __extension__ typedef __int128 Wide;
  const Wide product = Wide{value} * to;
  return static_cast<std::int64_t>(product >= 0 ? product / from : -((-product + from - 1) / from));
}

}  // namespace

Result<SourceSound> SourceSound::make(const IndexView& index, const IndexView::Track& track,
                                      const Wanted& wanted) {
  auto decoder = Decoder::make(track);
  if (!decoder) return decoder.error();
  return SourceSound(index, track, wanted, std::move(*decoder));
}

SourceSound::SourceSound(const IndexView& index, const IndexView::Track& track, const Wanted& wanted,
                         Decoder decoder)
    : index_(&index),
      track_(&track),
      wanted_(wanted),
      decoder_(std::move(decoder)),
      made_(wanted.from),
      ready_(wanted.channels) {
  begin_span();
}

void SourceSound::begin_span() {
  const TrackInfo& info = track_->info;
  const std::int64_t from = scaled(wanted_.from, wanted_.rate, info.sample_rate);
  const std::int64_t to = scaled(wanted_.to, wanted_.rate, info.sample_rate) + info.sample_rate / 4;
  // Two lengths of a second for what resampling needs ahead of it.
  const std::int64_t resampling = info.sample_rate == wanted_.rate ? 0 : info.sample_rate / 8;
  span_ = span_of(*track_, from - resampling - preroll(info, even_length(*track_) != 0), to);
}

std::int64_t SourceSound::at_rate(std::int64_t position, std::uint32_t rate) const {
  return rate == track_->info.sample_rate ? position : scaled(position, track_->info.sample_rate, rate);
}

Result<void> SourceSound::step(const ReadPieces& read) {
  if (made_ >= wanted_.to) return {};
  if (!parts_.empty()) {
    pass_on();
    return {};
  }
  if (!finished_) return decode_next(read);
  if (stage_rate_ == 0) begin_stage(track_->info.sample_rate);
  feed_silence(kSilenceAtOnce);
  return {};
}

Result<void> SourceSound::decode_next(const ReadPieces& read) {
  const auto taker = [this](const Decoded& decoded) { take(decoded); };
  if (next_ == span_.positions.size()) {
    finished_ = true;
    decoder_.finish(taker);
    return {};
  }
  const auto number = static_cast<std::int64_t>(next_++);
  const auto bytes = bytes_of(track_->samples[span_.first + static_cast<std::size_t>(number)], read);
  if (!bytes) return bytes.error();
  decoder_.decode(number, *bytes, taker);
  return {};
}

/// Empty for what the index cannot mean.
Result<std::string> SourceSound::bytes_of(const SampleRecord& sample, const ReadPieces& read) const {
  const bool scattered = (sample.flags & kSampleScattered) != 0;
  const std::uint64_t film = index_->film_bytes();
  if (sample.size > kMostCodedBytes) return std::string();
  if (!scattered && (sample.offset > film || sample.size > film - sample.offset)) return std::string();
  Pieces pieces;
  if (!append_sample(pieces, *index_, *track_, sample)) return std::string();
  return read(pieces);
}

void SourceSound::take(const Decoded& decoded) {
  if (rate_ != decoded.rate) {
    if (head_) head_ = scaled(*head_, rate_, decoded.rate);
    rate_ = decoded.rate;
    settled_ = settled_ && head_.has_value();
  }
  if (decoded.sample >= 0 && static_cast<std::size_t>(decoded.sample) < span_.positions.size())
    settle(at_rate(span_.positions[static_cast<std::size_t>(decoded.sample)], rate_));
  if (!head_) return;  // it follows something that was never placed

  const auto count = static_cast<std::int64_t>(decoded.sound.size());
  const std::int64_t wanted = scaled(made_, wanted_.rate, rate_) - std::int64_t{rate_} / 8;
  if (!settled_ && *head_ + count > wanted) {
    *head_ += (least_ + most_) / 2;
    settled_ = true;
  }
  const std::int64_t begin = *head_;
  *head_ += count;
  if (begin + count <= wanted) return;
  if (mask_ != decoded.mask || matrix_.empty()) {
    mask_ = decoded.mask;
    matrix_ = mix_matrix(mask_, wanted_.channels);
  }
  Part part{rate_, begin, Planes(wanted_.channels)};
  mix(matrix_, decoded.sound, part.sound);
  parts_.push_back(std::move(part));
}

/// The film's word is that what comes next begins at `told`.
void SourceSound::settle(std::int64_t told) {
  const std::int64_t slack = span_.slack == 0 ? 0 : at_rate(span_.slack, rate_) + 1;
  const std::int64_t tolerance = slack == 0 ? 0 : 2 * slack + rate_ / 200;
  if (!head_ || std::abs(told - *head_) > tolerance) {
    head_ = told;
    least_ = -slack;
    most_ = slack;
    return;
  }
  if (settled_) return;
  least_ = std::max(least_, told - *head_ - slack);
  most_ = std::min(most_, told - *head_ + slack);
  if (least_ > most_) {
    head_ = told;
    least_ = -slack;
    most_ = slack;
  }
}

void SourceSound::begin_stage(std::uint32_t rate) {
  stage_rate_ = rate;
  auto made = Resampler::make(rate, wanted_.rate, wanted_.channels, made_);
  if (!made) {  // silence, then
    made = Resampler::make(wanted_.rate, wanted_.rate, wanted_.channels, made_);
    stage_rate_ = wanted_.rate;
  }
  resampler_.emplace(std::move(*made));
  fed_ = resampler_->first_in();
}

void SourceSound::pass_on() {
  Part& part = parts_.front();
  if (stage_rate_ != part.rate) begin_stage(part.rate);
  if (stage_rate_ != part.rate) {
    parts_.pop_front();
    return;
  }
  if (part.begin > fed_) {
    feed_silence(std::min(part.begin - fed_, kSilenceAtOnce));
    return;
  }
  const auto count = static_cast<std::int64_t>(part.sound.size());
  const std::int64_t skip = std::min(fed_ - part.begin, count);
  if (skip < count) {
    Planes rest(wanted_.channels);
    rest.append(part.sound, static_cast<std::size_t>(skip), static_cast<std::size_t>(count - skip));
    feed(rest);
  }
  parts_.pop_front();
}

void SourceSound::feed_silence(std::int64_t count) {
  Planes silence(wanted_.channels);
  silence.resize(static_cast<std::size_t>(count));
  feed(silence);
}

void SourceSound::feed(const Planes& sound) {
  const std::size_t before = ready_.size();
  resampler_->feed(sound, ready_);
  fed_ += static_cast<std::int64_t>(sound.size());
  const auto added = static_cast<std::int64_t>(ready_.size() - before);
  const std::int64_t early = std::clamp<std::int64_t>(wanted_.heard_from - made_, 0, added);
  const std::int64_t late = std::clamp<std::int64_t>(made_ + added - wanted_.heard_to, 0, added);
  ready_.silence(before, static_cast<std::size_t>(early));
  ready_.silence(ready_.size() - static_cast<std::size_t>(late), static_cast<std::size_t>(late));
  made_ += added;
}

}  // namespace carrel::streamer
