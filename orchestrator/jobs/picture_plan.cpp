#include "orchestrator/jobs/picture_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace carrel::jobs {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

constexpr std::uint16_t kPosterBox = 640;
constexpr std::uint8_t kPosterQuality = 82;

constexpr std::array<std::uint32_t, 4> kThumbnailWidths{160, 320, 640, 1280};
constexpr std::uint8_t kThumbnailQuality = 78;

constexpr std::uint64_t kTileEvery = 10 * kSecond;
constexpr std::uint32_t kColumns = 10;
constexpr std::uint32_t kTilesASheet = 100;
constexpr std::uint32_t kMostSheets = 8;
constexpr std::uint16_t kTileWidth = 160;
constexpr std::uint16_t kTileHeight = 90;
constexpr std::uint8_t kTileQuality = 70;

constexpr std::uint64_t up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

std::string vtt_time(std::uint64_t us) {
  std::array<char, 32> text{};
  const auto ms = us / 1000;
  std::snprintf(text.data(), text.size(), "%02llu:%02llu:%02llu.%03llu",
                static_cast<unsigned long long>(ms / 3'600'000),
                static_cast<unsigned long long>(ms / 60'000 % 60),
                static_cast<unsigned long long>(ms / 1000 % 60), static_cast<unsigned long long>(ms % 1000));
  return text.data();
}

std::uint32_t tiles_of(const SpriteMap& map, std::uint32_t sheet) {
  return std::min(map.tiles_a_sheet, map.tiles - sheet * map.tiles_a_sheet);
}

}  // namespace

PicturePlan poster_plan(const Film& film) {
  PicturePlan plan;
  plan.name = kPosterName;
  plan.request.times_us = {film.duration_us / 10};
  plan.request.width = kPosterBox;
  plan.request.height = kPosterBox;
  plan.request.quality = kPosterQuality;
  plan.request.sync_only = true;
  return plan;
}

std::optional<PicturePlan> thumbnail_plan(const Film& film, std::uint64_t seconds, std::uint32_t width) {
  if (seconds > film.duration_us / kSecond) return std::nullopt;
  const auto found = std::ranges::find_if(kThumbnailWidths, [&](std::uint32_t one) { return one >= width; });
  const std::uint32_t wide = found == kThumbnailWidths.end() ? kThumbnailWidths.back() : *found;
  PicturePlan plan;
  plan.name = "t" + std::to_string(seconds) + "-" + std::to_string(wide);
  plan.request.times_us = {seconds * kSecond};
  plan.request.width = static_cast<std::uint16_t>(wide);
  plan.request.height = static_cast<std::uint16_t>(wide);
  plan.request.quality = kThumbnailQuality;
  return plan;
}

SpriteMap sprite_map(const Film& film) {
  SpriteMap map;
  if (film.duration_us == 0) return map;
  constexpr std::uint64_t kMostTiles = kTilesASheet * kMostSheets;
  map.interval_us = std::max(kTileEvery, up(up(film.duration_us, kMostTiles), kSecond) * kSecond);
  map.tiles = static_cast<std::uint32_t>(up(film.duration_us, map.interval_us));
  map.tiles_a_sheet = kTilesASheet;
  map.columns = std::min(kColumns, map.tiles);
  map.sheets = static_cast<std::uint32_t>(up(map.tiles, map.tiles_a_sheet));
  return map;
}

std::optional<PicturePlan> sprite_plan(const Film& film, std::uint32_t sheet) {
  const SpriteMap map = sprite_map(film);
  if (sheet >= map.sheets) return std::nullopt;
  PicturePlan plan;
  plan.name = "sprite" + std::to_string(sheet);
  for (std::uint32_t tile = 0; tile < tiles_of(map, sheet); ++tile)
    plan.request.times_us.push_back((sheet * map.tiles_a_sheet + tile) * map.interval_us);
  plan.request.columns = static_cast<std::uint16_t>(map.columns);
  plan.request.width = kTileWidth;
  plan.request.height = kTileHeight;
  plan.request.quality = kTileQuality;
  plan.request.sync_only = true;
  return plan;
}

std::string sprites_vtt(const Film& film, std::uint32_t tile_width, std::uint32_t tile_height) {
  const SpriteMap map = sprite_map(film);
  std::string text = "WEBVTT\n";
  for (std::uint32_t tile = 0; tile < map.tiles; ++tile) {
    const std::uint64_t begin = tile * map.interval_us;
    const std::uint64_t end = std::min(begin + map.interval_us, film.duration_us);
    const std::uint32_t place = tile % map.tiles_a_sheet;
    text += "\n" + vtt_time(begin) + " --> " + vtt_time(end) + "\nsprites/" +
            std::to_string(tile / map.tiles_a_sheet) +
            ".jpg#xywh=" + std::to_string(place % map.columns * tile_width) + "," +
            std::to_string(place / map.columns * tile_height) + "," + std::to_string(tile_width) + "," +
            std::to_string(tile_height) + "\n";
  }
  return text;
}

}  // namespace carrel::jobs
