#include "streamer/demux/film_findings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

namespace carrel::streamer {
namespace {

struct Box {
  std::uint64_t bytes = 0;
  std::string type;
};

/// ISO/IEC 14496-12 section 4.2. Empty: there is no box.
std::optional<Box> box_at(FilmReader& film, std::uint64_t offset) {
  constexpr std::size_t head = 16;
  std::array<std::byte, head> bytes{};
  if (film.read(offset, bytes) < head / 2) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + count; ++i)
      value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return value;
  };
  Box box{number(0, 4), std::string(reinterpret_cast<const char*>(bytes.data()) + 4, 4)};
  if (box.bytes == 1) box.bytes = number(8, 8);
  if (box.bytes == 0) box.bytes = film.size() - offset;
  const bool plausible = std::ranges::all_of(box.type, [](char c) { return c >= ' ' && c <= '~'; });
  return plausible && box.bytes >= 8 ? std::optional(box) : std::nullopt;
}

/// An MP4 whose table of contents is not there: the recording was broken off, or the download.
bool lacks_moov(FilmReader& film) {
  constexpr int most_boxes = 10'000;
  bool media = false;
  std::uint64_t at = 0;
  for (int i = 0; i < most_boxes && at < film.size(); ++i) {
    const auto box = box_at(film, at);
    if (!box) break;
    if (i == 0 && box->type != "ftyp" && box->type != "mdat" && box->type != "wide" && box->type != "free")
      return false;
    if (box->type == "moov") return false;
    media = media || box->type == "mdat";
    if (box->bytes > film.size() - at) break;
    at += box->bytes;
  }
  return media;
}

/// From when to when a track is seen or heard, in seconds. Pictures are decoded before they are shown.
std::pair<double, double> shown(const FilmIndex::Track& track) {
  auto decoded = static_cast<std::int64_t>(track.segments.front().start);
  std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = 0;
  for (const SampleRecord& sample : track.samples) {
    const std::int64_t at = decoded + sample.composition_offset;
    begin = std::min(begin, at);
    end = std::max(end, at + sample.duration);
    decoded += sample.duration;
  }
  const double scale = track.info.timescale;
  return {static_cast<double>(begin) / scale, static_cast<double>(end) / scale};
}

}  // namespace

std::string clock_text(std::uint64_t seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%u:%02u:%02u", static_cast<unsigned>(seconds / 3600),
                static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60));
  return text.data();
}

std::string why_unreadable(FilmReader& film) {
  if (film.size() == 0) return "The file is empty.";
  if (lacks_moov(film))
    return "The film's table of contents (moov) is missing: its recording or copying was broken off before "
           "the end.";
  return "This is not a film, or it is damaged beyond use: its beginning could not be read.";
}

std::optional<std::string> ends_early(const Container& container, std::int64_t told_us,
                                      std::uint64_t found_us) {
  constexpr std::array<std::string_view, 6> that_tell{"mp4", "mov", "mkv", "webm", "avi", "asf"};
  constexpr std::uint64_t second = 1'000'000, least = 5 * second;
  if (std::ranges::find(that_tell, container.name) == that_tell.end() || told_us <= 0) return std::nullopt;
  const auto told = static_cast<std::uint64_t>(told_us);
  if (told < found_us + std::max(least, told / 20)) return std::nullopt;
  return "The film ends after " + clock_text(found_us / second) + ", though it says that it lasts " +
         clock_text(told / second) + ": the file was cut short.";
}

std::optional<std::string> cues_finding(MatroskaOutline::Cues cues) {
  if (cues == MatroskaOutline::Cues::missing)
    return "The file has no index for seeking (Cues): players that are given the original seek slowly in it, "
           "or not at all.";
  if (cues == MatroskaOutline::Cues::wrong)
    return "The file's index for seeking (Cues) is wrong: players that are given the original may seek to "
           "the wrong place.";
  return std::nullopt;
}

std::vector<std::string> apart_findings(const FilmIndex& index) {
  constexpr double far = 10;  // seconds
  const auto picture = std::ranges::find_if(index.tracks, [](const FilmIndex::Track& track) {
    return track.info.kind == MediaKind::video && !track.segments.empty();
  });
  std::vector<std::string> findings;
  if (picture == index.tracks.end()) return findings;
  const auto [begin, end] = shown(*picture);
  for (std::size_t i = 0; i < index.tracks.size(); ++i) {
    const FilmIndex::Track& track = index.tracks[i];
    if (track.info.kind != MediaKind::audio || track.segments.empty()) continue;
    const auto [sound_begin, sound_end] = shown(track);
    const std::string sound = "The sound (track " + std::to_string(i) + ") ";
    const auto seconds = [](double value) { return std::to_string(static_cast<std::int64_t>(value)); };
    if (std::abs(sound_begin - begin) >= far)
      findings.push_back(sound + "begins " + seconds(std::abs(sound_begin - begin)) + " s " +
                         (sound_begin > begin ? "after" : "before") + " the picture.");
    if (std::abs(sound_end - end) >= far)
      findings.push_back(sound + "ends " + seconds(std::abs(sound_end - end)) + " s " +
                         (sound_end > end ? "after" : "before") + " the picture.");
  }
  return findings;
}

}  // namespace carrel::streamer
