#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/library/video.hpp"

/// The qualities that can be made of a film's picture: "play", the picture at its own size for films that no
/// browser plays or some do not, and lower rungs. Pure.
namespace carrel::jobs {

inline constexpr std::string_view kPlay = "play";

struct Rung {
  std::string_view name;
  std::uint16_t lines = 0;  ///< of the shorter side, as lines_of() counts them; 0: those of the film
};
inline constexpr std::array<Rung, 4> kRungs{Rung{kPlay, 0}, {"720p", 720}, {"480p", 480}, {"360p", 360}};

/// What people call a picture's size by: "1080p" lies or stands.
[[nodiscard]] std::uint32_t lines_of(std::uint32_t width, std::uint32_t height);

/// Null for a name that is none.
[[nodiscard]] const Rung* rung_of(std::string_view name);

/// A film as the ladder sees it.
struct Film {
  std::string id;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  bool ready = false;           ///< looked at, as it is now
  bool needs_play = false;      ///< does not play, but what a converter makes of it would
  bool not_everywhere = false;  ///< plays, but some browsers do not know its picture
  bool has_picture = false;
  std::uint32_t width = 0, height = 0;
  std::uint32_t milliframes = 0;
  std::uint64_t picture_bits_per_second = 0;
  std::uint64_t duration_us = 0;
};
[[nodiscard]] Film film_of(const library::Video& video);

/// Names of what can be made of it, the best first: "play" only where some browser needs it, a rung only
/// where it has fewer lines than the film.
[[nodiscard]] std::vector<std::string> makeable(const Film& film);
[[nodiscard]] bool is_makeable(const Film& film, std::string_view quality);

/// Of the picture in that quality.
[[nodiscard]] std::uint32_t height_of(const Film& film, std::string_view quality);

/// At most so many bits a second for the picture in that quality.
[[nodiscard]] std::uint32_t bits_per_second_of(const Film& film, std::string_view quality);

/// What it takes on the disk at most, its index included.
[[nodiscard]] std::uint64_t expected_bytes(const Film& film, std::string_view quality);

}  // namespace carrel::jobs
