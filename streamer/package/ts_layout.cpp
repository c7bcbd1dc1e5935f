#include "streamer/package/ts_layout.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <utility>

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostSampleBytes = 16U << 20;      // each is made in memory
constexpr std::size_t kSoundBytes = 2'800;               // of one PES packet, about
constexpr std::uint64_t kSoundTime = kTsClock * 3 / 40;  // likewise: the clock comes every 0.1 s
constexpr std::uint64_t kClockLead = kTsClock / 2;       // before a picture is decoded
constexpr std::uint64_t kClockEvery = kTsClock / 20;
// FFmpeg counts places from what its demuxer brings first, and it brings a picture only when the one after
// the next begins: a sound before that would be taken for the segment's start.
constexpr std::uint64_t kSoundAfterPictures = kTsClock / 5;
constexpr std::uint32_t kContinuities = 16;
constexpr std::uint32_t kPartSeconds = 6;  // of sound that is made in one go, about

Result<void> small_enough(const SampleRecord& sample, std::size_t most) {
  if (sample.size <= most) return {};
  return make_error(ErrorKind::not_found, "the film has a picture that is too large for MPEG-TS");
}

std::uint64_t heard_at(const AacPlan& plan, std::uint32_t frame) {
  const std::uint64_t ticks = plan.start + std::uint64_t{frame} * kAacFrameSamples;
  return ts_time(static_cast<std::int64_t>(ticks), plan.sample_rate);
}

/// The first frame that is heard at `time` or later.
std::uint32_t frame_at(const AacPlan& plan, std::uint64_t time) {
  const auto frames = std::views::iota(std::uint32_t{0}, plan.frame_count);
  const auto found =
      std::ranges::partition_point(frames, [&](std::uint32_t frame) { return heard_at(plan, frame) < time; });
  return static_cast<std::uint32_t>(found - frames.begin());
}

/// Ticks. A frame that lasts for longer has silence behind it: containers round times, but not by a quarter.
std::uint64_t longest_frame(std::span<const SampleRecord> samples) {
  std::uint32_t shortest = ~std::uint32_t{0};
  for (const SampleRecord& sample : samples)
    if (sample.duration > 0) shortest = std::min(shortest, sample.duration);
  return std::uint64_t{shortest} + shortest / 4;
}

/// The order in which units are sent.
std::uint64_t sent_at(const TsUnit& unit) {
  return unit.kind == TsUnit::Kind::picture ? unit.dts : unit.dts + kSoundAfterPictures;
}

/// Gathers the units of a segment, in the order of their decoding times; sound a little later.
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
    done = plan_.made ? made_sounds() : sounds();
    if (!done) return done.error();
    std::vector<TsUnit> all;
    all.reserve(shown.size() + units_.size());
    std::ranges::merge(shown, units_, std::back_inserter(all), {}, sent_at, sent_at);
    return all;
  }
  /// Of sound that is made, in order; after gather(). Without such sound none.
  [[nodiscard]] const std::vector<FrameRange>& parts() const { return parts_; }

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
    unit.dts = ts_time(time - plan_.decoded_before, timescale);
    unit.pts = std::max(ts_time(time + samples.front().composition_offset, timescale), unit.dts);
    unit.run.pid = kTsPicturePid;
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
      return ts_time(static_cast<std::int64_t>(one.start + one.duration), timescale) > from_;
    });
    for (; record != track.segments.end(); ++record) {
      if (ts_time(static_cast<std::int64_t>(record->start), timescale) >= to_) break;
      const auto samples = index_.samples_of(track, *record);
      if (!samples) return samples.error();
      add_sounds(*samples, record->start);
      end_sound();
    }
    return {};
  }

  void add_sounds(std::span<const SampleRecord> samples, std::uint64_t time) {
    const std::uint64_t longest = longest_frame(samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::uint64_t heard = ts_time(static_cast<std::int64_t>(time), plan_.sound->info.timescale);
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
      // Frames within one PES packet follow each other at once, whatever the container says.
      if (samples[i].duration > longest) end_sound();
    }
  }

  Result<void> made_sounds() {
    const AacPlan& plan = *plan_.made;
    std::uint32_t frame = frame_at(plan, from_);
    const std::uint32_t end = frame_at(plan, to_);
    const std::uint32_t step = kPartSeconds * plan.sample_rate / kAacFrameSamples + 1;
    while (frame < end) {
      const bool last = end - frame <= step + step / 2;
      parts_.push_back({frame, last ? end - frame : step});
      add_made(parts_.back());
      end_sound();
      frame += parts_.back().count;
    }
    return {};
  }

  void add_made(const FrameRange& frames) {
    for (std::uint32_t frame = frames.first; frame < frames.first + frames.count; ++frame) {
      const std::uint64_t heard = heard_at(*plan_.made, frame);
      if (!open_ || heard >= open_->pts + kSoundTime) {
        begin_sound(heard);
        open_->frames.first = frame;
      }
      ++open_->frames.count;
    }
  }

  void begin_sound(std::uint64_t heard) {
    end_sound();
    open_.emplace();
    open_->kind = TsUnit::Kind::sound;
    open_->pts = open_->dts = heard;
    open_->run.pid = kTsSoundPid;
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
  std::vector<FrameRange> parts_;
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
      clock.pts = clock.dts = unit.dts;
      clock.run.pid = kTsPicturePid;
      clock.run.pcr = now;
      all.push_back(clock);
      last = now;
    }
    if (unit.run.pcr) last = unit.run.pcr;
    all.push_back(std::move(unit));
  }
  return all;
}

std::uint32_t up_to_whole(std::uint32_t packets) {
  return (packets + kContinuities - 1) / kContinuities * kContinuities;
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
  const std::uint32_t more = up_to_whole(packets) - packets;
  if (last != nullptr && last->run.bytes >= last->run.packets + more) last->run.packets += more;
}

/// A multiple of 16 again, and enough however large each of the frames is.
std::uint32_t packets_of_made(const TsPart& part, const AacPlan& plan) {
  std::uint64_t bytes = aac_room(plan, part.frames) + std::uint64_t{part.frames.count} * kAdtsHeaderBytes;
  for (const TsUnit& unit : part.units)
    if (unit.kind == TsUnit::Kind::sound) bytes += needed_bytes(unit.run) + kTsPayload - 1;
  return up_to_whole(static_cast<std::uint32_t>(bytes / kTsPayload));
}

/// The units of a segment, each with the frames that are heard at its time.
std::vector<TsPart> divided(std::vector<TsUnit> units, const std::vector<FrameRange>& made,
                            const TsPlan& plan) {
  std::vector<TsPart> parts(std::max<std::size_t>(made.size(), 1));
  for (std::size_t i = 0; i < made.size(); ++i) parts[i].frames = made[i];
  const auto begin_of = [&](std::size_t one) {
    return heard_at(*plan.made, parts[one].frames.first) + kSoundAfterPictures;
  };
  std::size_t part = 0;
  for (TsUnit& unit : units) {
    while (part + 1 < parts.size() && sent_at(unit) >= begin_of(part + 1)) ++part;
    parts[part].units.push_back(std::move(unit));
  }
  return parts;
}

/// Gives every packet its place and its counter.
void number(TsPart& part) {
  std::uint32_t picture = part.before, sound = 0;
  std::uint32_t packets = part.with_tables ? kTsTables : 0;
  for (TsUnit& unit : part.units) {
    unit.first_packet = packets;
    packets += unit.run.packets;
    std::uint32_t& counter = unit.run.pid == kTsPicturePid ? picture : sound;
    const bool clock = unit.kind == TsUnit::Kind::clock;
    unit.run.continuity =
        static_cast<std::uint8_t>((clock ? counter + kContinuities - 1 : counter) % kContinuities);
    if (!clock) counter += unit.run.packets;
  }
}

bool is_made(const TsUnit& unit) {
  return unit.frames.count > 0;
}

}  // namespace

Result<std::vector<TsPart>> lay_out(const IndexView& index, const TsPlan& plan, std::size_t segment) {
  Gatherer gatherer(index, plan, segment);
  auto units = gatherer.gather();
  if (!units) return units.error();
  if (plan.picture != nullptr) *units = with_clock(std::move(*units));
  for (TsUnit& unit : *units)
    if (!is_made(unit)) unit.run.packets = unit.kind == TsUnit::Kind::clock ? 1 : packets_for(unit.run);
  stretch(*units, kTsPicturePid);
  if (!plan.made) stretch(*units, kTsSoundPid);
  std::vector<TsPart> parts = divided(std::move(*units), gatherer.parts(), plan);
  parts.front().with_tables = true;
  std::uint32_t pictures = 0;
  for (TsPart& part : parts) {
    part.before = pictures;
    part.packets = part.with_tables ? kTsTables : 0;
    for (const TsUnit& unit : part.units) {
      part.packets += unit.run.packets;
      if (unit.kind == TsUnit::Kind::picture) pictures += unit.run.packets;
    }
    if (part.frames.count > 0) part.sound_packets = packets_of_made(part, *plan.made);
    part.packets += part.sound_packets;
    number(part);
  }
  return parts;
}

void settle(TsPart& part, std::span<const std::string> frames) {
  std::uint32_t units = 0, left = part.sound_packets;
  for (TsUnit& unit : part.units) {
    if (!is_made(unit)) continue;
    unit.run.bytes = pes_header_bytes(unit.pts, unit.dts);
    for (const std::string& frame : frames.subspan(unit.frames.first - part.frames.first, unit.frames.count))
      unit.run.bytes += kAdtsHeaderBytes + frame.size();
    unit.run.packets = packets_for(unit.run);
    if (unit.run.packets > left) throw std::logic_error("frames of sound that are larger than their room");
    left -= unit.run.packets;
    ++units;
  }
  // What is left over goes to all of them alike.
  for (TsUnit& unit : part.units) {
    if (!is_made(unit)) continue;
    const auto most = static_cast<std::uint32_t>(unit.run.bytes) - unit.run.packets;
    const std::uint32_t more = std::min((left + units - 1) / units, most);
    unit.run.packets += more;
    left -= more;
    --units;
  }
  if (left > 0) throw std::logic_error("frames of sound that are too small for their packets");
  number(part);
}

}  // namespace carrel::streamer
