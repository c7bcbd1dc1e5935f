#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/jobs/ladder.hpp"
#include "streamer/protocol/message.hpp"

/// Which pictures of a film there can be: of whole seconds and few sizes, so that a cache finds them again.
/// Pure.
namespace carrel::jobs {

inline constexpr std::string_view kPosterName = "poster";

struct PicturePlan {
  std::string name;  ///< in the cache, of this state of the film: "poster", "t120-320", "sprite0"
  protocol::Pictures request;
};

/// A sync sample a tenth into the film: what comes first is black, or a studio's.
[[nodiscard]] PicturePlan poster_plan(const Film& film);

/// Of what is shown at `seconds`; at least `width` pixels wide where the film is, of a few widths. Empty: the
/// film is shorter.
[[nodiscard]] std::optional<PicturePlan> thumbnail_plan(const Film& film, std::uint64_t seconds,
                                                        std::uint32_t width);

/// Pictures at a regular distance, in sheets.
struct SpriteMap {
  std::uint64_t interval_us = 0;
  std::uint32_t tiles = 0;
  std::uint32_t tiles_a_sheet = 0;
  std::uint32_t columns = 0;
  std::uint32_t sheets = 0;
  bool operator==(const SpriteMap&) const = default;
};
[[nodiscard]] SpriteMap sprite_map(const Film& film);
/// Empty: there are fewer sheets.
[[nodiscard]] std::optional<PicturePlan> sprite_plan(const Film& film, std::uint32_t sheet);

/// WebVTT that tells where in which sheet each time's tile is; sheets are relative URLs.
[[nodiscard]] std::string sprites_vtt(const Film& film, std::uint32_t tile_width, std::uint32_t tile_height);

}  // namespace carrel::jobs
