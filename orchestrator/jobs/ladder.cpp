#include "orchestrator/jobs/ladder.hpp"

#include <algorithm>
#include <limits>

#include "orchestrator/library/direct_play.hpp"

namespace carrel::jobs {
namespace {

struct Rate {
  std::uint32_t lines;
  std::uint32_t bits_per_second;
};
// What x264 needs at 30 pictures a second for a picture that people call good.
constexpr std::array<Rate, 6> kRates{Rate{360, 900'000}, {480, 1'600'000},   {720, 3'200'000},
                                     {1080, 6'000'000},  {1440, 10'000'000}, {2160, 18'000'000}};
constexpr std::uint32_t kFastPictures = 40'000;  // in 1,000 seconds
constexpr std::uint64_t kIndexBytesPerPicture = 24;
constexpr std::uint64_t kSmallFiles = 64 << 10;

std::uint64_t good_rate(std::uint32_t lines, std::uint32_t milliframes) {
  const auto found = std::ranges::find_if(kRates, [&](const Rate& rate) { return lines <= rate.lines; });
  const std::uint64_t rate = found == kRates.end() ? kRates.back().bits_per_second : found->bits_per_second;
  return milliframes > kFastPictures ? rate * 3 / 2 : rate;
}

}  // namespace

std::uint32_t lines_of(std::uint32_t width, std::uint32_t height) {
  return width == 0 ? height : std::min(width, height);
}

const Rung* rung_of(std::string_view name) {
  const auto found = std::ranges::find(kRungs, name, &Rung::name);
  return found == kRungs.end() ? nullptr : &*found;
}

Film film_of(const library::Video& video) {
  Film film;
  film.id = video.row.id;
  film.size = video.row.size;
  film.mtime_ns = video.row.mtime_ns;
  film.ready = video.row.state == library::VideoState::ready && video.facts.has_value();
  if (!film.ready) return film;
  film.needs_play = !video.facts->playable && video.facts->convertible;
  film.duration_us = video.facts->duration_us;
  const auto& tracks = video.facts->tracks;
  const auto picture = std::ranges::find_if(tracks, [](const protocol::TrackSummary& track) {
    const bool usable = track.use == protocol::TrackUse::remux || track.use == protocol::TrackUse::convert;
    return track.kind == protocol::TrackKind::video && usable;
  });
  if (picture == tracks.end()) return film;
  film.has_picture = true;
  film.not_everywhere = video.facts->playable && !library::is_common_h264(picture->codec);
  film.width = picture->width;
  film.height = picture->height;
  film.milliframes = picture->milliframes;
  film.picture_bits_per_second = picture->bits_per_second;
  return film;
}

std::vector<std::string> makeable(const Film& film) {
  std::vector<std::string> names;
  for (const Rung& rung : kRungs) {
    if (is_makeable(film, rung.name)) names.emplace_back(rung.name);
  }
  return names;
}

bool is_makeable(const Film& film, std::string_view quality) {
  const Rung* rung = rung_of(quality);
  if (rung == nullptr || !film.ready || !film.has_picture || film.duration_us == 0) return false;
  return rung->lines == 0 ? film.needs_play || film.not_everywhere
                          : rung->lines < lines_of(film.width, film.height);
}

std::uint32_t height_of(const Film& film, std::string_view quality) {
  const Rung* rung = rung_of(quality);
  const std::uint64_t lines = lines_of(film.width, film.height);
  if (rung == nullptr || rung->lines == 0 || lines == 0) return film.height;
  // Even, as the codec wants it, and what a message about it can say.
  const std::uint64_t height = std::uint64_t{rung->lines} * film.height / lines / 2 * 2;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(height, std::numeric_limits<std::uint16_t>::max() - 1));
}

std::uint32_t bits_per_second_of(const Film& film, std::string_view quality) {
  const Rung* rung = rung_of(quality);
  const std::uint32_t all = lines_of(film.width, film.height);
  const std::uint32_t lines = rung == nullptr || rung->lines == 0 ? all : rung->lines;
  const std::uint64_t good = good_rate(lines, film.milliframes);
  const std::uint64_t own = film.picture_bits_per_second;
  // An old codec needs more bits than x264 for the same picture, but what it lost is not to be lost twice.
  if (lines == all) return static_cast<std::uint32_t>(std::clamp(own, good, good * 2));
  return static_cast<std::uint32_t>(own == 0 ? good : std::min(good, own));
}

std::uint64_t expected_bytes(const Film& film, std::string_view quality) {
  constexpr double kMicroseconds = 1e6;
  const double seconds = static_cast<double>(film.duration_us) / kMicroseconds;
  const double pictures = seconds * (film.milliframes == 0 ? kFastPictures : film.milliframes) / 1000;
  const double media = seconds * bits_per_second_of(film, quality) / 8;
  return static_cast<std::uint64_t>(media) + static_cast<std::uint64_t>(pictures) * kIndexBytesPerPicture +
         kSmallFiles;
}

}  // namespace carrel::jobs
