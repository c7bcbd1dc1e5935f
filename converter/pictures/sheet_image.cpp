#include "converter/pictures/sheet_image.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace carrel::converter {
namespace {

constexpr int kChannels = 3;
constexpr std::uint8_t kGrey = 128;

std::uint8_t* pixel(const AVFrame& frame, std::uint32_t x, std::uint32_t y) {
  return frame.data[0] + std::ptrdiff_t{frame.linesize[0]} * y + std::ptrdiff_t{kChannels} * x;
}

}  // namespace

libav::Frame grey_sheet(Size size) {
  libav::Frame sheet =
      libav::make_frame(AV_PIX_FMT_RGB24, static_cast<int>(size.width), static_cast<int>(size.height));
  if (!sheet) return nullptr;
  for (std::uint32_t y = 0; y < size.height; ++y)
    std::fill_n(pixel(*sheet, 0, y), size.width * kChannels, kGrey);
  return sheet;
}

void place_tile(AVFrame& image, const Sheet& sheet, std::size_t number, const AVFrame& tile, int turns) {
  const Size at = sheet.place(number);
  const auto width = static_cast<std::uint32_t>(tile.width);
  const auto height = static_cast<std::uint32_t>(tile.height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      Size to{x, y};
      if (turns == 1) to = {height - 1 - y, x};
      if (turns == 2) to = {width - 1 - x, height - 1 - y};
      if (turns == 3) to = {y, width - 1 - x};
      std::memcpy(pixel(image, at.width + to.width, at.height + to.height), pixel(tile, x, y), kChannels);
    }
  }
}

}  // namespace carrel::converter
