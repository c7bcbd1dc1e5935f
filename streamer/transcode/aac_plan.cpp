#include "streamer/transcode/aac_plan.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"
#include "streamer/transcode/silent_frame.hpp"

namespace carrel::streamer {
namespace {

using protocol::Form;

// Three days and a half: bounds what is planned for an index that lies.
constexpr std::int64_t kMostSeconds = 300'000;
constexpr std::uint16_t kSurroundChannels = 6;
/// ISO/IEC 14496-3 table 1.18, those that are kept; a sound above or between them is resampled.
constexpr std::array<std::uint32_t, 13> kIndexedRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                      22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::uint32_t kHighestRate = 48000, kLowestRate = 8000;

std::size_t rate_index(std::uint32_t rate) {
  return static_cast<std::size_t>(std::ranges::find(kIndexedRates, rate) - kIndexedRates.begin());
}

std::uint32_t rate_of(std::uint32_t source) {
  if (source >= kLowestRate && source <= kHighestRate && rate_index(source) < kIndexedRates.size())
    return source;
  return source % 11025 == 0 ? 44100 : 48000;
}

std::uint16_t channels_of(std::uint16_t source, Form form) {
  return form == Form::aac_surround ? kSurroundChannels : std::min<std::uint16_t>(source, 2);
}

/// What FFmpeg's encoder needs to be transparent for most ears; less where there is less to encode.
std::uint32_t frame_bytes_of(std::uint32_t rate, std::uint16_t channels) {
  constexpr std::uint32_t full_band = 32000;
  const std::uint64_t bits = channels == 1 ? 96'000 : channels == 2 ? 160'000 : 384'000;
  const std::uint64_t bits_in_frame = bits * kAacFrameSamples / std::max(rate, full_band);
  return static_cast<std::uint32_t>((bits_in_frame + 7) / 8);
}

/// AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1) of AAC-LC with frames of 1,024 samples.
std::string config_of(std::uint32_t rate, std::uint16_t channels) {
  constexpr unsigned aac_lc = 2;
  const auto bits = static_cast<unsigned>(aac_lc << 11 | rate_index(rate) << 7 | channels << 3);
  return {static_cast<char>(bits >> 8), static_cast<char>(bits & 0xff)};
}

const IndexView::Track* picture_of(const IndexView& index) {
  const auto found = std::ranges::find_if(index.tracks(), [](const IndexView::Track& track) {
    return track.info.kind == MediaKind::video && !track.segments.empty() &&
           (track.info.use == TrackUse::remux || track.info.use == TrackUse::convert);
  });
  return found == index.tracks().end() ? nullptr : &*found;
}

std::vector<CutTime> cuts_of_picture(const IndexView& index) {
  const IndexView::Track* track = picture_of(index);
  if (track == nullptr) return {};
  return cut_times(track->samples, track->segments, track->info.timescale);
}

struct Span {
  std::int64_t from = 0, to = 0;  ///< ticks
};

/// When the picture is shown, in ticks of 1/`timescale`. Empty: there is none, or the index lies about it.
std::optional<Span> picture_span(const IndexView& index, std::uint32_t timescale) {
  const IndexView::Track* track = picture_of(index);
  if (track == nullptr) return std::nullopt;
  const auto shown = [&](const SegmentRecord& segment) {
    const std::int64_t offset = track->samples[segment.first_sample].composition_offset;
    return std::max<std::int64_t>(static_cast<std::int64_t>(segment.start) + offset, 0);
  };
  const SegmentRecord& last = track->segments.back();
  const std::int64_t begin = shown(track->segments.front());
  const std::int64_t end = shown(last) + static_cast<std::int64_t>(last.duration);
  const std::uint32_t own = track->info.timescale;
  if (end / own > kMostSeconds || begin >= end) return std::nullopt;
  return Span{rescale(begin, own, timescale), rescale(end, own, timescale)};
}

/// Walks forward in time and notes the frames at which segments begin.
class FrameCutter {
 public:
  explicit FrameCutter(const AacPlan& plan) : plan_(plan), last_(static_cast<std::int64_t>(plan.start)) {}

  /// Where the picture's segments are long, the sound's are not: each is made in memory.
  void cut_at(std::int64_t wished) {
    const std::int64_t step = seconds(kSegmentSeconds);
    while (wished - last_ > step * 3 / 2 && more()) cut_near(last_ + step);
    cut_near(wished);
  }
  void cut_after(std::uint32_t length) { cut_near(last_ + seconds(length)); }
  [[nodiscard]] bool more() const { return last_ < end(); }
  [[nodiscard]] std::size_t count() const { return cuts_.size(); }
  void fold_tail(std::int64_t least) {
    if (cuts_.size() > 1 && end() - time_of(cuts_.back()) < least) cuts_.pop_back();
  }
  [[nodiscard]] std::int64_t seconds(std::int64_t count) const { return count * plan_.sample_rate; }
  [[nodiscard]] const std::vector<std::uint32_t>& cuts() const { return cuts_; }

 private:
  void cut_near(std::int64_t wished) {
    const std::int64_t from_start = wished - static_cast<std::int64_t>(plan_.start);
    last_ = std::max(last_, wished);
    if (from_start <= 0) return;
    const std::int64_t frame = (from_start + kAacFrameSamples / 2) / kAacFrameSamples;
    if (frame > cuts_.back() && frame < plan_.frame_count) cuts_.push_back(static_cast<std::uint32_t>(frame));
  }
  [[nodiscard]] std::int64_t time_of(std::uint32_t frame) const {
    return static_cast<std::int64_t>(plan_.start) + std::int64_t{frame} * kAacFrameSamples;
  }
  [[nodiscard]] std::int64_t end() const { return time_of(plan_.frame_count); }

  const AacPlan& plan_;
  std::int64_t last_;
  std::vector<std::uint32_t> cuts_{0};
};

void cut(AacPlan& plan, const std::vector<CutTime>& picture) {
  FrameCutter cutter(plan);
  for (const CutTime& wished : picture) {
    if (!cutter.more() || wished.ticks / wished.timescale > kMostSeconds) break;
    cutter.cut_at(rescale(wished.ticks, wished.timescale, plan.sample_rate));
  }
  cutter.fold_tail(cutter.seconds(1) / 2);
  if (picture.empty()) {
    for (const std::uint32_t length : kFirstSegmentsSeconds) cutter.cut_after(length);
  }
  const std::size_t led = picture.empty() ? 1 : cutter.count();
  while (cutter.more()) cutter.cut_after(kSegmentSeconds);
  if (cutter.count() > led) cutter.fold_tail(cutter.seconds(kSegmentSeconds) / 3);

  const std::vector<std::uint32_t>& cuts = cutter.cuts();
  plan.segments.reserve(cuts.size());
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    AacSegment segment;
    segment.frames.first = cuts[i];
    segment.frames.count = (i + 1 < cuts.size() ? cuts[i + 1] : plan.frame_count) - cuts[i];
    segment.start = plan.start + std::uint64_t{segment.frames.first} * kAacFrameSamples;
    segment.duration = std::uint64_t{segment.frames.count} * kAacFrameSamples;
    segment.bytes = aac_moof_bytes(segment.frames.count) + 8 + aac_room(plan, segment.frames);
    plan.segments.push_back(segment);
  }
}

/// Scalable sample rate, scalable and xHE-AAC are for players that know them.
bool has_decoder(const TrackInfo& info) {
  constexpr std::array<std::string_view, 3> without{"mp4a.40.3", "mp4a.40.6", "mp4a.40.42"};
  return info.codec != Codec::aac || std::ranges::find(without, info.codec_string) == without.end();
}

Error none(std::uint32_t track) {
  return make_error(ErrorKind::not_found, "track " + std::to_string(track) +
                                              " is not to be had as AAC in this form; the master playlist "
                                              "names what is");
}

Error damaged() {
  return make_error(ErrorKind::invalid, "the film's index is damaged (a track's times); index it again");
}

}  // namespace

bool makes_aac(const IndexView::Track& track) {
  constexpr std::uint32_t most_rate = 1'000'000;
  const TrackInfo& info = track.info;
  return info.kind == MediaKind::audio && (info.use == TrackUse::transcode || info.use == TrackUse::remux) &&
         has_decoder(info) && !track.segments.empty() && info.channels > 0 && info.sample_rate > 0 &&
         info.sample_rate < most_rate;
}

std::vector<Form> aac_forms(const IndexView::Track& track) {
  if (!makes_aac(track)) return {};
  if (track.info.channels <= 2) return {Form::aac_stereo};
  return {Form::aac_stereo, Form::aac_surround};
}

Result<AacPlan> plan_aac(const IndexView& index, std::uint32_t number, Form form) {
  if (number >= index.tracks().size()) return none(number);
  const IndexView::Track& track = index.tracks()[number];
  const auto forms = aac_forms(track);
  if (std::ranges::find(forms, form) == forms.end()) return none(number);

  const TrackInfo& info = track.info;
  const SegmentRecord& first = track.segments.front();
  const SegmentRecord& last = track.segments.back();
  const std::uint64_t most = static_cast<std::uint64_t>(kMostSeconds) * info.timescale;
  if (last.start + last.duration > most) return none(number);
  if (info.priming > most || info.trailing > most) return damaged();

  AacPlan plan;
  plan.sample_rate = rate_of(info.sample_rate);
  plan.channels = channels_of(info.channels, form);
  plan.frame_bytes = frame_bytes_of(plan.sample_rate, plan.channels);
  plan.config = config_of(plan.sample_rate, plan.channels);
  const auto ticks = [&](std::uint64_t time, std::uint32_t scale) {
    return rescale(static_cast<std::int64_t>(time), scale, plan.sample_rate);
  };
  plan.heard_from = ticks(first.start, info.timescale) + ticks(info.priming, info.sample_rate);
  plan.heard_to = ticks(last.start + last.duration, info.timescale) - ticks(info.trailing, info.sample_rate);
  plan.heard_to = std::max(plan.heard_to, plan.heard_from + 1);
  // A frame's first decoder call lacks the half of the one before it: where there is room, that falls before
  // the first sample that is to be heard.
  Span whole{std::max<std::int64_t>(plan.heard_from - kAacFrameSamples, 0), plan.heard_to};
  if (const auto picture = picture_span(index, plan.sample_rate)) {
    const std::int64_t little = plan.sample_rate / 2;
    if (plan.heard_from - picture->from > little) whole.from = picture->from;
    if (picture->to - plan.heard_to > little) whole.to = picture->to;
  }
  plan.start = static_cast<std::uint64_t>(whole.from);
  const std::int64_t length = whole.to - whole.from;
  plan.frame_count = static_cast<std::uint32_t>((length + kAacFrameSamples - 1) / kAacFrameSamples);
  cut(plan, cuts_of_picture(index));
  return plan;
}

bool leaves_picture_alone(const IndexView& index, const IndexView::Track& track) {
  constexpr std::int64_t soon_ended = 5;  // s; less than any player keeps ahead
  const std::uint32_t timescale = track.info.timescale;
  const auto picture = picture_span(index, timescale);
  if (!picture || track.segments.empty()) return false;
  const SegmentRecord& last = track.segments.back();
  const auto from = static_cast<std::int64_t>(track.segments.front().start);
  const auto to = static_cast<std::int64_t>(last.start + last.duration);
  return from - picture->from > timescale / 2 || picture->to - to > soon_ended * timescale;
}

bool has_gaps(const IndexView::Track& track) {
  constexpr std::size_t samples_for_a_gap = 20;  // more of them: the lengths just differ
  if (track.samples.size() < 2) return false;
  const auto samples = track.samples.first(track.samples.size() - 1);  // the last one's is often a guess
  std::vector<std::uint32_t> lengths(samples.size());
  std::ranges::transform(samples, lengths.begin(), &SampleRecord::duration);
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::ranges::nth_element(lengths, middle);
  const std::uint64_t rounding = track.info.timescale / 100;
  std::uint64_t missing = 0;
  std::size_t gaps = 0;
  for (const SampleRecord& sample : samples) {
    if (sample.duration <= *middle + rounding) continue;
    missing += sample.duration - *middle;
    ++gaps;
  }
  return missing > track.info.timescale / 10 && gaps <= samples.size() / samples_for_a_gap + 1;
}

bool is_silent(const AacPlan& plan, const FrameRange& frames) {
  const auto time_of = [&](std::int64_t frame) {
    return static_cast<std::int64_t>(plan.start) + frame * kAacFrameSamples;
  };
  const std::int64_t first = frames.first;
  return time_of(first + frames.count + 1) <= plan.heard_from || time_of(first - 1) >= plan.heard_to;
}

std::uint64_t aac_room(const AacPlan& plan, const FrameRange& frames) {
  // A plan asks for each of its segments.
  static const std::array<std::uint64_t, 3> silent{silent_aac_frame(1).size(), silent_aac_frame(2).size(),
                                                   silent_aac_frame(kSurroundChannels).size()};
  const std::size_t form = plan.channels == kSurroundChannels ? 2 : plan.channels - 1U;
  return frames.count * (is_silent(plan, frames) ? silent.at(form) : plan.frame_bytes);
}

std::uint64_t aac_moof_bytes(std::uint32_t frame_count) {
  constexpr std::uint64_t box = 8, full_box = 12;
  constexpr std::uint64_t mfhd = full_box + 4, tfhd = full_box + 8, tfdt = full_box + 8, trun = full_box + 8;
  return box + mfhd + box + tfhd + tfdt + trun + std::uint64_t{frame_count} * 4;
}

}  // namespace carrel::streamer
