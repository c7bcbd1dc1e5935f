#include "streamer/package/ts_plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "streamer/index/ticks.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/rendition.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kClock = 90'000;
constexpr std::uint16_t kPicturePid = 0x100, kSoundPid = 0x101;

std::uint64_t at_clock(std::int64_t ticks, std::uint32_t timescale) {
  constexpr auto earliest = -static_cast<std::int64_t>(kTsOrigin / 2);
  const std::int64_t time = std::max(rescale(ticks, timescale, kClock), earliest);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(kTsOrigin) + time);
}

/// ErrorKind::not_found: MPEG-TS does not know the codec.
Result<TsStream> sound_stream(const TrackInfo& info) {
  constexpr std::uint32_t lowest_mpeg1_rate = 32000;
  switch (info.codec) {
    case Codec::aac: return TsStream{kSoundPid, 0x0f, 0xc0, {}};
    case Codec::mp3:
      return TsStream{
          kSoundPid, static_cast<std::uint8_t>(info.sample_rate >= lowest_mpeg1_rate ? 3 : 4), 0xc0, {}};
    case Codec::ac3: return TsStream{kSoundPid, 0x81, 0xbd, "AC-3"};
    case Codec::eac3: return TsStream{kSoundPid, 0x87, 0xbd, "EAC3"};
    default: return make_error(ErrorKind::not_found, "the sound is not to be had as MPEG-TS");
  }
}

Result<void> put_sound(TsPlan& plan, const IndexView::Track& track) {
  const auto stream = sound_stream(track.info);
  if (!stream) return stream.error();
  if (track.info.codec == Codec::aac) {
    const auto adts = adts_of(track.info.config);
    if (!adts) return adts.error();
    plan.adts = *adts;
  }
  plan.sound = &track;
  plan.sound_stream = *stream;
  return {};
}

Result<void> put_picture(TsPlan& plan, const IndexView::Track& track) {
  auto annexb = annexb_of(track.info);
  if (!annexb) return annexb.error();
  plan.picture = &track;
  for (const SampleRecord& sample : track.samples)
    plan.decoded_before =
        std::max<std::int64_t>(plan.decoded_before, -std::int64_t{sample.composition_offset});
  plan.annexb = std::move(*annexb);
  plan.picture_stream = {kPicturePid, static_cast<std::uint8_t>(plan.annexb.hevc ? 0x24 : 0x1b), 0xe0, {}};
  return {};
}

void put_any_sound(TsPlan& plan, const IndexView& index) {
  for (const bool wants_default : {true, false}) {
    for (const IndexView::Track& track : index.tracks()) {
      const bool wanted = track.info.kind == MediaKind::audio && track.info.playable() &&
                          (track.info.is_default || !wants_default);
      if (wanted && put_sound(plan, track)) return;
    }
  }
}

/// The picture's segments; before and after it, where there is sound alone for longer than one of its own
/// segments, these.
std::vector<TsSegment> cut(const TsPlan& plan) {
  std::vector<TsSegment> segments;
  std::uint64_t picture_start = 0, picture_end = 0;
  std::vector<TsSegment> after;
  std::vector<TsSegment> pictures;
  if (plan.picture != nullptr) {
    const Rendition picture = source_rendition(*plan.picture, 0);
    for (std::uint32_t i = 0; i < picture.segments.size(); ++i)
      pictures.push_back(
          {at_clock(static_cast<std::int64_t>(picture.segments[i].presented), picture.timescale), 0, i});
    picture_start = pictures.front().start;
    picture_end = at_clock(static_cast<std::int64_t>(picture.end()), picture.timescale);
  }
  std::uint64_t end = picture_end;
  if (plan.sound != nullptr) {
    const std::uint32_t timescale = plan.sound->info.timescale;
    for (const SegmentRecord& segment : plan.sound->segments) {
      const std::uint64_t start = at_clock(static_cast<std::int64_t>(segment.start), timescale);
      const std::uint64_t ends =
          at_clock(static_cast<std::int64_t>(segment.start + segment.duration), timescale);
      if (ends <= picture_start) {
        segments.push_back({start, 0, std::nullopt});
      } else if (start >= picture_end) {
        after.push_back({start, 0, std::nullopt});
        end = ends;
      }
    }
  }
  segments.insert(segments.end(), pictures.begin(), pictures.end());
  segments.insert(segments.end(), after.begin(), after.end());
  for (std::size_t i = 0; i < segments.size(); ++i)
    segments[i].end = std::max(i + 1 < segments.size() ? segments[i + 1].start : end, segments[i].start);
  return segments;
}

}  // namespace

Result<TsPlan> plan_ts(const IndexView& index, std::uint32_t number) {
  const IndexView::Track* track = index.playable_track(number);
  if (track == nullptr) return no_track(number);
  TsPlan plan;
  if (track->info.kind == MediaKind::video) {
    const auto put = put_picture(plan, *track);
    if (!put) return put.error();
    put_any_sound(plan, index);
  } else {
    const auto put = put_sound(plan, *track);
    if (!put) return put.error();
  }
  plan.segments = cut(plan);
  return plan;
}

namespace {

constexpr std::size_t kMostSampleBytes = 16U << 20;    // each is made in memory
constexpr std::size_t kSoundBytes = 2'800;             // of one PES packet, about
constexpr std::uint64_t kSoundTime = kClock * 3 / 40;  // likewise: the clock comes every 0.1 s
constexpr std::uint64_t kClockLead = kClock / 2;       // before a picture is decoded
constexpr std::uint64_t kClockEvery = kClock / 20;
constexpr std::uint32_t kTables = 2;
constexpr std::uint32_t kContinuities = 16;

Result<void> small_enough(const SampleRecord& sample, std::size_t most) {
  if (sample.size <= most) return {};
  return make_error(ErrorKind::not_found, "the film has a picture that is too large for MPEG-TS");
}

/// Gathers the units of a segment, in the order of their decoding times.
class Gatherer {
 public:
  Gatherer(const IndexView& index, const TsPlan& plan, std::size_t segment)
      : index_(index), plan_(plan), segment_(plan.segments[segment]) {
    // Sound that comes a little before the first or after the last cut goes with it.
    from_ = segment == 0 ? 0 : segment_.start;
    to_ = segment + 1 == plan.segments.size() ? ~std::uint64_t{0} : segment_.end;
  }

  Result<std::vector<TsUnit>> gather() {
    auto done = pictures();
    if (!done) return done.error();
    std::vector<TsUnit> shown = std::exchange(units_, {});
    done = sounds();
    if (!done) return done.error();
    std::vector<TsUnit> all;
    all.reserve(shown.size() + units_.size());
    std::ranges::merge(shown, units_, std::back_inserter(all), {}, &TsUnit::dts, &TsUnit::dts);
    return all;
  }

 private:
  Result<void> pictures() {
    if (!segment_.picture) return {};
    const IndexView::Track& track = *plan_.picture;
    const SegmentRecord& record = track.segments[*segment_.picture];
    const auto samples = index_.samples_of(track, record);
    if (!samples) return samples.error();
    auto time = static_cast<std::int64_t>(record.start);
    for (std::size_t i = 0; i < samples->size(); ++i) {
      const SampleRecord& sample = (*samples)[i];
      const auto fits = small_enough(sample, kMostSampleBytes);
      if (!fits) return fits;
      if (sample.size > 0) add_picture(samples->subspan(i, 1), time);
      time += sample.duration;
    }
    return {};
  }

  void add_picture(std::span<const SampleRecord> samples, std::int64_t time) {
    const std::uint32_t timescale = plan_.picture->info.timescale;
    TsUnit unit;
    unit.kind = TsUnit::Kind::picture;
    unit.samples = samples;
    unit.dts = at_clock(time - plan_.decoded_before, timescale);
    unit.pts = std::max(at_clock(time + samples.front().composition_offset, timescale), unit.dts);
    unit.run.pid = kPicturePid;
    unit.run.entry = (samples.front().flags & kSampleSync) != 0;
    unit.run.pcr = unit.dts - kClockLead;
    unit.run.bytes = pes_header_bytes(unit.pts, unit.dts) + plan_.annexb.added_bytes(unit.run.entry) +
                     samples.front().size;
    units_.push_back(unit);
  }

  Result<void> sounds() {
    if (plan_.sound == nullptr) return {};
    const IndexView::Track& track = *plan_.sound;
    const std::uint32_t timescale = track.info.timescale;
    auto record = std::ranges::find_if(track.segments, [&](const SegmentRecord& one) {
      return at_clock(static_cast<std::int64_t>(one.start + one.duration), timescale) > from_;
    });
    for (; record != track.segments.end(); ++record) {
      if (at_clock(static_cast<std::int64_t>(record->start), timescale) >= to_) break;
      const auto samples = index_.samples_of(track, *record);
      if (!samples) return samples.error();
      add_sounds(*samples, record->start);
      end_sound();
    }
    return {};
  }

  void add_sounds(std::span<const SampleRecord> samples, std::uint64_t time) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::uint64_t heard = at_clock(static_cast<std::int64_t>(time), plan_.sound->info.timescale);
      time += samples[i].duration;
      if (heard < from_ || heard >= to_ || samples[i].size == 0 || samples[i].size > kMostAdtsFrame) {
        end_sound();
        continue;
      }
      const std::size_t bytes = samples[i].size + (plan_.adts ? kAdtsHeaderBytes : 0);
      const bool goes_on =
          open_ && open_->run.bytes + bytes <= kSoundBytes && heard < open_->pts + kSoundTime;
      if (!goes_on) begin_sound(heard);
      open_->run.bytes += bytes;
      open_->samples = samples.subspan(i - open_->samples.size(), open_->samples.size() + 1);
    }
  }

  void begin_sound(std::uint64_t heard) {
    end_sound();
    open_.emplace();
    open_->kind = TsUnit::Kind::sound;
    open_->pts = open_->dts = heard;
    open_->run.pid = kSoundPid;
    open_->run.entry = true;
    open_->run.bytes = pes_header_bytes(heard, heard);
    if (plan_.picture == nullptr) open_->run.pcr = heard - kClockLead;
  }

  void end_sound() {
    if (open_) units_.push_back(*open_);
    open_.reset();
  }

  const IndexView& index_;
  const TsPlan& plan_;
  const TsSegment& segment_;
  std::uint64_t from_ = 0, to_ = 0;
  std::vector<TsUnit> units_;
  std::optional<TsUnit> open_;
};

/// Where pictures are far apart or none, the clock goes alone.
std::vector<TsUnit> with_clock(std::vector<TsUnit> units) {
  std::vector<TsUnit> all;
  all.reserve(units.size());
  std::optional<std::uint64_t> last;
  for (TsUnit& unit : units) {
    const std::uint64_t now = unit.dts - kClockLead;
    if (!unit.run.pcr && (!last || now > *last + kClockEvery)) {
      TsUnit clock;
      clock.kind = TsUnit::Kind::clock;
      clock.run.pid = kPicturePid;
      clock.run.pcr = now;
      all.push_back(clock);
      last = now;
    }
    if (unit.run.pcr) last = unit.run.pcr;
    all.push_back(std::move(unit));
  }
  return all;
}

/// A segment has a multiple of 16 packets of each stream, so that their counters go on in the next one,
/// whichever that is: the last PES packet is stretched.
void stretch(std::vector<TsUnit>& units, std::uint16_t pid) {
  TsUnit* last = nullptr;
  std::uint32_t packets = 0;
  for (TsUnit& unit : units) {
    if (unit.run.pid != pid || unit.kind == TsUnit::Kind::clock) continue;
    packets += unit.run.packets;
    last = &unit;
  }
  const std::uint32_t more = (kContinuities - packets % kContinuities) % kContinuities;
  if (last != nullptr && last->run.bytes >= last->run.packets + more) last->run.packets += more;
}

}  // namespace

Result<TsLayout> lay_out(const IndexView& index, const TsPlan& plan, std::size_t segment) {
  auto gathered = Gatherer(index, plan, segment).gather();
  if (!gathered) return gathered.error();
  TsLayout layout;
  layout.units = plan.picture == nullptr ? std::move(*gathered) : with_clock(std::move(*gathered));
  for (TsUnit& unit : layout.units)
    unit.run.packets = unit.kind == TsUnit::Kind::clock ? 1 : packets_for(unit.run);
  stretch(layout.units, kPicturePid);
  stretch(layout.units, kSoundPid);
  std::uint32_t picture = 0, sound = 0;
  layout.packets = kTables;
  for (TsUnit& unit : layout.units) {
    unit.first_packet = layout.packets;
    layout.packets += unit.run.packets;
    std::uint32_t& counter = unit.run.pid == kPicturePid ? picture : sound;
    const bool clock = unit.kind == TsUnit::Kind::clock;
    unit.run.continuity =
        static_cast<std::uint8_t>((clock ? counter + kContinuities - 1 : counter) % kContinuities);
    if (!clock) counter += unit.run.packets;
  }
  return layout;
}

}  // namespace carrel::streamer
