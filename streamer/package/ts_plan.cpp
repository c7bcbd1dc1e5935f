#include "streamer/package/ts_plan.hpp"

#include <algorithm>
#include <utility>

#include "streamer/index/ticks.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/rendition.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint8_t kAdtsType = 0x0f, kSoundId = 0xc0;

/// Of sound that is made: bounds what is laid out for an index that lies.
constexpr std::uint64_t kMostHours = 12;

/// ErrorKind::not_found: MPEG-TS does not know the codec.
Result<TsStream> sound_stream(const TrackInfo& info) {
  constexpr std::uint32_t lowest_mpeg1_rate = 32000;
  switch (info.codec) {
    case Codec::aac: return TsStream{kTsSoundPid, kAdtsType, kSoundId, {}};
    case Codec::mp3:
      return TsStream{kTsSoundPid,
                      static_cast<std::uint8_t>(info.sample_rate >= lowest_mpeg1_rate ? 3 : 4),
                      kSoundId,
                      {}};
    case Codec::ac3: return TsStream{kTsSoundPid, 0x81, 0xbd, "AC-3"};
    case Codec::eac3: return TsStream{kTsSoundPid, 0x87, 0xbd, "EAC3"};
    default: return make_error(ErrorKind::not_found, "the sound is not to be had as MPEG-TS");
  }
}

Result<void> put_sound_as_it_is(TsPlan& plan, const IndexView::Track& track) {
  if (!track.info.playable()) return make_error(ErrorKind::not_found, "the sound has to be decoded");
  const auto stream = sound_stream(track.info);
  if (!stream) return stream.error();
  if (track.info.codec == Codec::aac) {
    const auto adts = adts_of(track.info.config);
    if (!adts) return adts.error();
    plan.adts = *adts;
  }
  plan.sound_stream = *stream;
  return {};
}

Result<void> put_made_sound(TsPlan& plan, const IndexView& index, std::uint32_t number) {
  auto made = plan_aac(index, number, protocol::Form::aac_stereo);
  if (!made) return made.error();
  if (std::uint64_t{made->frame_count} * kAacFrameSamples > kMostHours * 3600 * made->sample_rate)
    return make_error(ErrorKind::not_found, "the sound is too long to be made for MPEG-TS");
  const auto adts = adts_of(made->config);
  if (!adts) return adts.error();
  plan.adts = *adts;
  plan.sound_stream = {kTsSoundPid, kAdtsType, kSoundId, {}};
  plan.made = std::move(*made);
  return {};
}

Result<void> put_sound(TsPlan& plan, const IndexView& index, std::uint32_t number) {
  const IndexView::Track& track = index.tracks()[number];
  auto put = put_sound_as_it_is(plan, track);
  if (!put) put = put_made_sound(plan, index, number);
  if (!put) return put;
  plan.sound = &track;
  plan.sound_number = number;
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
  plan.picture_stream = {kTsPicturePid, static_cast<std::uint8_t>(plan.annexb.hevc ? 0x24 : 0x1b), 0xe0, {}};
  return {};
}

void put_any_sound(TsPlan& plan, const IndexView& index) {
  for (const bool wants_default : {true, false}) {
    for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
      const TrackInfo& info = index.tracks()[i].info;
      const bool wanted = info.kind == MediaKind::audio && (info.is_default || !wants_default);
      if (wanted && put_sound(plan, index, i)) return;
    }
  }
}

std::vector<TsSegment> segments_of_sound(const TsPlan& plan) {
  std::vector<TsSegment> segments;
  const auto add = [&](std::uint64_t start, std::uint64_t duration, std::uint32_t timescale) {
    segments.push_back({ts_time(static_cast<std::int64_t>(start), timescale),
                        ts_time(static_cast<std::int64_t>(start + duration), timescale), std::nullopt});
  };
  if (plan.made)
    for (const AacSegment& segment : plan.made->segments)
      add(segment.start, segment.duration, plan.made->sample_rate);
  else if (plan.sound != nullptr)
    for (const SegmentRecord& segment : plan.sound->segments)
      add(segment.start, segment.duration, plan.sound->info.timescale);
  return segments;
}

/// The picture's segments; before and after it, where there is sound alone for longer than one of its own
/// segments, these. The sound is cut at the frame next to the picture's end, which may be the one before.
std::vector<TsSegment> cut(const TsPlan& plan) {
  std::vector<TsSegment> segments;
  std::uint64_t picture_start = 0, picture_end = 0;
  std::vector<TsSegment> after;
  std::vector<TsSegment> pictures;
  if (plan.picture != nullptr) {
    const Rendition picture = source_rendition(*plan.picture, 0);
    for (std::uint32_t i = 0; i < picture.segments.size(); ++i)
      pictures.push_back(
          {ts_time(static_cast<std::int64_t>(picture.segments[i].presented), picture.timescale), 0, i});
    picture_start = pictures.front().start;
    picture_end = ts_time(static_cast<std::int64_t>(picture.end()), picture.timescale);
  }
  std::uint64_t end = picture_end;
  for (const TsSegment& sound : segments_of_sound(plan)) {
    if (sound.end <= picture_start) {
      segments.push_back({sound.start, 0, std::nullopt});
    } else if (sound.start + sound.end > 2 * picture_end) {
      after.push_back({std::max(sound.start, picture_end), 0, std::nullopt});
      end = sound.end;
    }
  }
  segments.insert(segments.end(), pictures.begin(), pictures.end());
  segments.insert(segments.end(), after.begin(), after.end());
  for (std::size_t i = 0; i < segments.size(); ++i)
    segments[i].end = std::max(i + 1 < segments.size() ? segments[i + 1].start : end, segments[i].start);
  return segments;
}

}  // namespace

std::uint64_t ts_time(std::int64_t ticks, std::uint32_t timescale) {
  constexpr auto earliest = -static_cast<std::int64_t>(kTsOrigin / 2);
  const std::int64_t time = std::max(rescale(ticks, timescale, kTsClock), earliest);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(kTsOrigin) + time);
}

Result<TsPlan> plan_ts(const IndexView& index, std::uint32_t number) {
  if (number >= index.tracks().size()) return no_track(number);
  const IndexView::Track& track = index.tracks()[number];
  TsPlan plan;
  if (track.info.kind == MediaKind::video) {
    if (!track.info.playable()) return no_track(number);
    const auto put = put_picture(plan, track);
    if (!put) return put.error();
    put_any_sound(plan, index);
  } else {
    const auto put = put_sound(plan, index, number);
    if (!put) return put.error();
  }
  plan.segments = cut(plan);
  return plan;
}

}  // namespace carrel::streamer
