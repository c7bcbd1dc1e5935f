#include "tests/unit/transcode/pcm_film.hpp"

#include <algorithm>
#include <stdexcept>

#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"
#include "streamer/transcode/aac_boxes.hpp"
#include "streamer/transcode/decoder.hpp"

namespace carrel::streamer::testing {
namespace {

constexpr std::uint32_t kPcmS16Le = 0x10000;  // AV_CODEC_ID_PCM_S16LE

std::uint32_t u32_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i));
  return value;
}

ReadPieces reader(const std::string& film) {
  return [&film](const Pieces& pieces) -> Result<std::string> {
    std::string bytes;
    for (const Piece& piece : pieces) {
      if (const auto* made = std::get_if<MadeBytes>(&piece)) {
        bytes += *made;
      } else {
        const auto& part = std::get<FilmBytes>(piece);
        bytes += film.substr(static_cast<std::size_t>(part.offset), static_cast<std::size_t>(part.length));
      }
    }
    return bytes;
  };
}

}  // namespace

PcmFilm pcm_film(const PcmShape& shape, const Wave& wave) {
  PcmFilm film;
  FilmIndex::Track track;
  TrackInfo& info = track.info;
  info.kind = MediaKind::audio;
  info.use = TrackUse::transcode;
  info.decoder = kPcmS16Le;
  info.coded_bits = 16;
  info.block_bytes = static_cast<std::uint16_t>(2 * shape.channels);
  info.sample_rate = shape.rate;
  info.channels = shape.channels;
  info.timescale = shape.timescale;
  const auto ticks = [&](std::uint64_t sample) {
    return rescale(static_cast<std::int64_t>(shape.start + sample), shape.rate, shape.timescale);
  };
  for (std::uint32_t at = 0; at < shape.samples; at += shape.packet) {
    const std::uint32_t count = std::min(shape.packet, shape.samples - at);
    SampleRecord sample;
    sample.offset = film.bytes.size();
    sample.size = count * 2 * shape.channels;
    sample.duration = static_cast<std::uint32_t>(ticks(at + count) - ticks(at));
    sample.flags = kSampleSync;
    track.samples.push_back(sample);
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::size_t c = 0; c < shape.channels; ++c) {
        const auto value = static_cast<std::int16_t>(std::lround(wave(at + i, c) * 32767));
        film.bytes += static_cast<char>(value & 0xff);
        film.bytes += static_cast<char>(value >> 8);
      }
    }
  }
  track.segments = plan_audio(track.samples, static_cast<std::uint64_t>(ticks(0)), shape.timescale, {});
  film.index.container = "wav";
  film.index.film_bytes = film.bytes.size();
  film.index.tracks = {std::move(track)};
  return film;
}

std::string one_segment(const PcmFilm& film, protocol::Form form, std::uint32_t number) {
  const auto view = view_of(film.index);
  const AacPlan plan = plan_aac(*view, 0, form).value();
  const AacSegment& segment = plan.segments.at(number);
  AacJob job = AacJob::make(view, 0, plan, segment.frames).value();
  const auto read = reader(film.bytes);
  for (bool made = false; !made;) {
    made = job.work(read, std::chrono::steady_clock::time_point::min()).value();
  }
  return write_aac_segment(segment, aac_room(plan, segment.frames), number, job.take());
}

std::vector<std::string> all_segments(const PcmFilm& film, protocol::Form form) {
  const AacPlan plan = plan_aac(*view_of(film.index), 0, form).value();
  std::vector<std::string> segments;
  for (std::uint32_t i = 0; i < plan.segments.size(); ++i) segments.push_back(one_segment(film, form, i));
  return segments;
}

std::vector<std::string> frames_of(const std::string& segment) {
  const std::size_t trun = segment.find("trun");
  if (trun == std::string::npos) throw std::runtime_error("a segment without trun");
  const std::uint32_t count = u32_at(segment, trun + 8);
  std::size_t at = u32_at(segment, trun + 12);
  std::vector<std::string> frames;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t size = u32_at(segment, trun + 16 + std::size_t{4} * i);
    frames.push_back(segment.substr(at, size));
    at += size;
  }
  return frames;
}

Planes heard(const AacPlan& plan, const std::vector<std::string>& segments) {
  const SegmentRecord once{0, 1, 0, 1, 0, 0, 1, 0};
  IndexView::Track track;
  track.info.use = TrackUse::remux;
  track.info.codec = Codec::aac;
  track.info.sample_rate = plan.sample_rate;
  track.info.channels = plan.channels;
  track.info.config = plan.config;
  track.segments = std::span(&once, 1);
  Decoder decoder = Decoder::make(track).value();
  Planes all(plan.channels);
  std::int64_t number = 0;
  for (const std::string& segment : segments)
    for (const std::string& frame : frames_of(segment))
      decoder.decode(number++, frame,
                     [&](const Decoded& decoded) { all.append(decoded.sound, 0, decoded.sound.size()); });
  return all;
}

double snr(const Planes& sound, std::size_t channel, std::int64_t first, std::int64_t count,
           const std::function<double(std::int64_t)>& expected) {
  double signal = 0, noise = 0;
  for (std::int64_t i = first; i < first + count; ++i) {
    const double wished = expected(i);
    const double error = static_cast<double>(sound.row(channel)[static_cast<std::size_t>(i)]) - wished;
    signal += wished * wished;
    noise += error * error;
  }
  constexpr double least = 1e-12;
  return std::min(200.0, 10 * std::log10(std::max(signal, least) / std::max(noise, least)));
}

}  // namespace carrel::streamer::testing
