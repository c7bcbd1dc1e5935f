#include "converter/convert/convert_film.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "converter/convert/segment_maker.hpp"
#include "converter/decode/probe.hpp"
#include "converter/job/output.hpp"
#include "converter/plan/checkpoint.hpp"
#include "converter/plan/frame_plan.hpp"
#include "converter/plan/shape.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::converter {
namespace {

using streamer::FilmIndex;
using streamer::TrackInfo;

constexpr std::uint32_t kMicroseconds = 1'000'000;
constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr double kFewestFps = 1;
constexpr double kMostFps = 240;
constexpr std::uint16_t kBt709 = 1;
constexpr std::uint64_t kBitsPerByte = 8;
constexpr double kMilliframes = 1000;

struct Work {
  const Source& source;
  const TrackInfo& film;  ///< its picture, with its size
  const FramePlan& plan;
  EncoderSettings settings;
  std::string avcc;
};

/// What is wrong with the film is a verdict that stands; what else fails may go well another time.
protocol::Converted not_made(const Error& error) {
  protocol::Converted converted;
  converted.reason = error.message;
  converted.may_work_later = error.kind != ErrorKind::invalid;
  return converted;
}

streamer::Colour made_colour(const TrackInfo& track) {
  streamer::Colour colour = track.colour;
  colour.full_range = false;
  const bool is_rgb = colour.present && colour.matrix == 0;
  if (is_rgb || (colour.present && light_of(colour.transfer) != Light::sdr))
    colour = {true, kBt709, kBt709, kBt709, false};
  return colour;
}

double frames_per_second(const FramePlan& plan, std::uint32_t timescale) {
  const auto ticks = static_cast<double>(plan.end - plan.decoding_time(0));
  return std::clamp(static_cast<double>(plan.times.size()) * timescale / std::max(ticks, 1.0), kFewestFps,
                    kMostFps);
}

EncoderSettings settings_for(const TrackInfo& film, const FramePlan& plan, const protocol::Convert& request) {
  EncoderSettings settings;
  settings.size = made_size(film, request.height);
  settings.timescale = film.timescale;
  settings.frames_per_second = frames_per_second(plan, settings.timescale);
  settings.bits_per_second = request.bits_per_second;
  settings.reorders = plan.delay > 0;
  settings.colour = made_colour(film);
  return settings;
}

CheckpointHead head_of(const Work& work) {
  CheckpointHead head;
  head.film_bytes = work.source.index().film_bytes();
  head.film_mtime_ns = work.source.index().film_mtime_ns();
  head.plan_checksum = checksum_of(work.plan);
  head.width = work.settings.size.width;
  head.height = work.settings.size.height;
  head.bits_per_second = work.settings.bits_per_second;
  head.encoder = encoder_version();
  return head;
}

/// What an earlier converter left that can be gone on with. Both files end behind it then.
Result<Checkpoint> begin(const ConvertFiles& files, const Work& work) {
  const CheckpointHead head = head_of(work);
  const auto left = read_whole(files.checkpoint, kMaxCheckpointBytes);
  const auto media_bytes = size_of(files.media);
  if (!media_bytes) return media_bytes.error();
  std::optional<Checkpoint> found;
  if (left) found = read_checkpoint(std::as_bytes(std::span(*left)));
  if (!found || found->head != head) {
    const std::string bytes = write_head(head);
    found = Checkpoint{head, {}, bytes.size()};
    auto written = cut_to(files.checkpoint, 0);
    if (written) written = write_at(files.checkpoint, 0, bytes);
    if (!written) return written.error();
  }
  keep_usable(*found, work.plan, *media_bytes);
  const std::uint64_t media_end = found->segments.empty() ? 0 : found->segments.back().media_end;
  auto cut = cut_to(files.checkpoint, found->bytes);
  if (cut) cut = cut_to(files.media, media_end);
  if (!cut) return cut.error();
  return std::move(*found);
}

/// From there to the end. False: nothing of the film could be decoded.
Result<bool> go_on(const ConvertFiles& files, const Work& work, Checkpoint& checkpoint,
                   const std::function<void(std::uint64_t)>& progress) {
  if (checkpoint.segments.size() == work.plan.segments.size()) return true;
  std::int64_t made_to = work.plan.times[work.plan.segments[checkpoint.segments.size()].first_frame];
  std::int64_t read_to = made_to;
  // Half of it is what was read: a long stretch that cannot be decoded is read through before a frame of it
  // is made, and the daemon takes a converter for stuck whose time does not grow.
  const auto tell = [&] {
    const std::int64_t ticks = made_to + (read_to - made_to) / 2 - work.plan.times.front();
    progress(static_cast<std::uint64_t>(streamer::rescale(ticks, work.settings.timescale, kMicroseconds)));
  };
  const auto read = [&](std::int64_t time) {
    read_to = std::max(read_to, std::min(time, work.plan.end));
    tell();
  };
  auto frames = FrameStream::open(work.source, work.plan, checkpoint.segments.size(), read);
  if (!frames) return frames.error();
  SegmentMaker maker(work.plan, work.settings, std::move(*frames),
                     Scaler(work.film, work.settings.size, Scaler::Form::yuv420));
  const auto write = [&](std::uint64_t offset, const std::string& bytes) {
    return write_at(files.media, offset, bytes);
  };
  const auto made = [&](std::size_t frame) {
    made_to = work.plan.times[frame];
    tell();
  };
  const bool from_the_beginning = checkpoint.segments.empty();
  while (checkpoint.segments.size() < work.plan.segments.size()) {
    const std::size_t number = checkpoint.segments.size();
    const std::uint64_t media_begin = number == 0 ? 0 : checkpoint.segments.back().media_end;
    auto segment = maker.make(number, media_begin, write, made);
    if (!segment) return segment.error();
    // What a film that is being written was made into is no version of the film, and is not gone on with.
    const auto unchanged = work.source.unchanged();
    if (!unchanged) return unchanged.error();
    // The record is on the disk only after what it speaks of.
    auto settled = settle(files.media);
    const std::string record = write_segment(static_cast<std::uint32_t>(number), *segment);
    if (settled) settled = write_at(files.checkpoint, checkpoint.bytes, record);
    if (!settled) return settled.error();
    checkpoint.bytes += record.size();
    checkpoint.segments.push_back(std::move(*segment));
  }
  return !from_the_beginning || maker.decoded() > 0;
}

std::string codec_string(const std::string& avcc) {
  char text[16];
  std::snprintf(text, sizeof text, "avc1.%02X%02X%02X", static_cast<unsigned char>(avcc[1]),
                static_cast<unsigned char>(avcc[2]), static_cast<unsigned char>(avcc[3]));
  return text;
}

TrackInfo made_info(const Work& work) {
  const TrackInfo& film = work.film;
  TrackInfo info;
  info.kind = streamer::MediaKind::video;
  info.codec = streamer::Codec::h264;
  info.use = streamer::TrackUse::remux;
  info.is_default = true;
  info.timescale = film.timescale;
  info.width = work.settings.size.width;
  info.height = work.settings.size.height;
  info.matrix = film.matrix;
  info.colour = work.settings.colour;
  info.codec_string = codec_string(work.avcc);
  info.language = film.language;
  info.title = film.title;
  info.config = work.avcc;
  return info;
}

/// Where players switch between the film and what was made of it.
bool cut_alike(const Source& source, const FilmIndex::Track& made) {
  const auto film = streamer::cut_times(source.samples(), source.track().segments, source.info().timescale);
  const auto own = streamer::cut_times(made.samples, made.segments, made.info.timescale);
  if (film.size() != own.size() || made.info.timescale != source.info().timescale) return false;
  for (std::size_t i = 0; i + 1 < film.size(); ++i) {
    if (film[i].ticks != own[i].ticks) return false;
  }
  return true;
}

Result<protocol::Converted> finish(const ConvertFiles& files, const Work& work,
                                   const Checkpoint& checkpoint) {
  std::vector<MadeFrame> frames;
  for (const CheckpointSegment& segment : checkpoint.segments)
    frames.insert(frames.end(), segment.frames.begin(), segment.frames.end());
  auto made = made_track(work.plan, frames);
  if (!made) return made.error();
  FilmIndex::Track track;
  track.info = made_info(work);
  track.samples = std::move(made->samples);
  track.segments = std::move(made->segments);
  for (const streamer::SampleRecord& sample : track.samples)
    track.info.reordered = track.info.reordered || sample.composition_offset != work.plan.delay;
  if (!cut_alike(work.source, track))
    return make_error(ErrorKind::internal, "the segments made do not begin where the film's do");

  const auto settled = settle(files.media);
  if (!settled) return settled.error();
  struct stat status {};
  if (::fstat(files.media, &status) != 0) return errno_error("stat the result", errno);
  FilmIndex index;
  index.container = "h264";
  index.film_bytes = static_cast<std::uint64_t>(status.st_size);
  index.film_mtime_ns = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
  index.duration_us = work.source.index().duration_us();
  index.origin_ticks = work.source.index().origin_ticks();
  index.origin_timescale = work.source.index().origin_timescale();

  protocol::Converted converted;
  converted.made = true;
  const std::int64_t ticks = work.plan.end - work.plan.decoding_time(0);
  const auto duration_us =
      static_cast<std::uint64_t>(streamer::rescale(ticks, work.settings.timescale, kMicroseconds));
  converted.picture.kind = protocol::TrackKind::video;
  converted.picture.use = protocol::TrackUse::remux;
  converted.picture.is_default = true;
  converted.picture.codec = track.info.codec_string;
  std::tie(converted.picture.width, converted.picture.height) = streamer::shown_size(track.info);
  converted.picture.milliframes =
      static_cast<std::uint32_t>(std::lround(work.settings.frames_per_second * kMilliframes));
  converted.picture.bits_per_second =
      index.film_bytes * kBitsPerByte * kMicroseconds / std::max<std::uint64_t>(duration_us, 1);
  index.tracks.push_back(std::move(track));
  auto written = cut_to(files.variant_index, 0);
  if (written) written = streamer::write_index(files.variant_index, index);
  if (written) written = settle(files.variant_index);
  if (!written) return written.error();
  return converted;
}

Result<protocol::Converted> make(const ConvertFiles& files, const protocol::Convert& request,
                                 const std::function<void(std::uint64_t)>& progress) {
  const auto source = Source::open(files.film, files.index);
  if (!source) return source.error();
  const auto plan = plan_frames(source->samples(), source->track().segments);
  if (!plan) return plan.error();
  const auto info = probe(*source);
  if (!info) return info.error();
  Work work{*source, *info, *plan, settings_for(*info, *plan, request), {}};
  {
    const auto encoder = X264Encoder::open(work.settings, false);
    if (!encoder) return encoder.error();
    auto avcc = encoder->configuration();
    if (!avcc) return avcc.error();
    work.avcc = std::move(*avcc);
  }
  auto checkpoint = begin(files, work);
  if (!checkpoint) return checkpoint.error();
  const auto decoded = go_on(files, work, *checkpoint, progress);
  if (!decoded) return decoded.error();
  if (!*decoded) return make_error(ErrorKind::invalid, "Nothing of the film's picture could be decoded.");
  return finish(files, work, *checkpoint);
}

}  // namespace

protocol::Converted convert_film(const ConvertFiles& files, const protocol::Convert& request,
                                 const std::function<void(std::uint64_t)>& progress) {
  auto made = make(files, request, progress);
  return made ? std::move(*made) : not_made(made.error());
}

}  // namespace carrel::converter
