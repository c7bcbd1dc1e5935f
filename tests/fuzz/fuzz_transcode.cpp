// Sound from anywhere made into AAC: hostile coded samples for every decoder, described by a hostile index.
//
// A seed: the track's description, the length of its configuration and that, then coded samples, each
// behind its length (2 bytes, little endian) and its duration in ticks (2 bytes).
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/index/view.hpp"
#include "streamer/transcode/aac_boxes.hpp"
#include "streamer/transcode/aac_frames.hpp"
#include "streamer/transcode/aac_segment.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;

/// Takes little-endian numbers off the front.
class Bytes {
 public:
  explicit Bytes(std::string_view all) : left_(all) {}
  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    const std::string_view part = text(bytes);
    for (std::size_t i = 0; i < part.size(); ++i)
      value |= std::uint32_t{static_cast<std::uint8_t>(part[i])} << 8 * i;
    return value;
  }
  std::string_view text(std::size_t bytes) {
    const std::string_view part = left_.substr(0, bytes);
    left_.remove_prefix(part.size());
    return part;
  }
  [[nodiscard]] bool empty() const { return left_.empty(); }

 private:
  std::string_view left_;
};

FilmIndex film_of(Bytes bytes, std::size_t size, std::string_view all) {
  constexpr std::size_t most_samples = 200;
  FilmIndex film;
  film.film_bytes = size;
  FilmIndex::Track track;
  TrackInfo& info = track.info;
  info.kind = MediaKind::audio;
  info.use = TrackUse::transcode;
  info.decoder = bytes.number(4);
  info.sample_rate = bytes.number(4) % 400'000;
  info.timescale = std::max(bytes.number(4), 1U);
  info.channels = static_cast<std::uint16_t>(bytes.number(1) % 9);
  info.coded_bits = bytes.number(1);
  info.block_bytes = static_cast<std::uint16_t>(bytes.number(2));
  info.channel_mask = bytes.number(4);
  info.priming = bytes.number(2);
  info.config = bytes.text(bytes.number(2));
  while (!bytes.empty() && track.samples.size() < most_samples) {
    SampleRecord sample;
    const std::uint32_t length = bytes.number(2);
    sample.duration = bytes.number(2);
    const std::string_view coded = bytes.text(length);
    sample.offset = static_cast<std::uint64_t>(coded.data() - all.data());
    sample.size = static_cast<std::uint32_t>(coded.size());
    track.samples.push_back(sample);
  }
  track.segments = plan_audio(track.samples, 0, info.timescale, {});
  film.tracks.push_back(std::move(track));
  return film;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const FilmIndex film = film_of(Bytes(all), size, all);
  const UniqueFd fd(::memfd_create("index", MFD_CLOEXEC));
  if (!write_index(fd.get(), film)) return 0;
  const auto index = IndexView::open(fd.get());
  if (!index) return 0;
  const auto read = [all](int, const Pieces& pieces) -> Result<std::string> {
    std::string bytes;
    for (const Piece& piece : pieces) {
      const auto& part = std::get<FilmBytes>(piece);
      fuzz::require(part.offset <= all.size() && part.length <= all.size() - part.offset);
      bytes += all.substr(static_cast<std::size_t>(part.offset), static_cast<std::size_t>(part.length));
    }
    return bytes;
  };
  for (const protocol::Form form : aac_forms((*index)->tracks()[0])) {
    const auto plan = plan_aac(**index, 0, form);
    if (!plan) continue;
    fuzz::require(package_aac_init((*index)->tracks()[0], *plan).has_value());
    AacSegmentMaker maker(*plan, 0,
                          std::make_shared<AacFrames>(*index, 0, *plan, plan->segments[0].frames, read));
    std::string made(static_cast<std::size_t>(maker.bytes()), '\0');
    const auto done = maker.make(-1, 0, made);
    fuzz::require(!done || made.substr(4, 4) == "moof");
  }
  return 0;
}
