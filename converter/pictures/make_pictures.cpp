#include "converter/pictures/make_pictures.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "converter/decode/deinterlacer.hpp"
#include "converter/decode/probe.hpp"
#include "converter/decode/scaler.hpp"
#include "converter/decode/source.hpp"
#include "converter/encode/jpeg.hpp"
#include "converter/job/output.hpp"
#include "converter/pictures/finder.hpp"
#include "converter/pictures/sheet_image.hpp"
#include "converter/plan/shape.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::converter {
namespace {

constexpr std::uint64_t kMostPixels = 48'000'000;
constexpr std::uint32_t kMicroseconds = 1'000'000;
constexpr std::uint64_t kMostTime = std::uint64_t{1} << 50;

/// What is wrong with the film is a verdict that stands; what else fails may go well another time.
protocol::PicturesMade not_made(const Error& error) {
  protocol::PicturesMade made;
  made.reason = error.message;
  made.may_work_later = error.kind != ErrorKind::invalid;
  return made;
}

/// A single interlaced frame, made whole.
libav::Frame whole(const AVFrame& frame) {
  libav::Frame copy(av_frame_clone(&frame));
  if (!copy || !is_interlaced(frame)) return copy;
  Deinterlacer deinterlacer;
  deinterlacer.put(std::move(copy));
  deinterlacer.cut();
  return deinterlacer.take();
}

Result<protocol::PicturesMade> make(int film, int index, int out, const protocol::Pictures& request) {
  const auto source = Source::open(film, index);
  if (!source) return source.error();
  auto finder = FrameFinder::open(*source);
  if (!finder) return finder.error();
  const auto info = probe(*source);
  if (!info) return info.error();
  const Size tile = shown_inside(*info, {request.width, request.height});
  const Sheet sheet = sheet_of(tile, request.times_us.size(), request.columns);
  const Size size = sheet.size();
  constexpr std::uint32_t most_lines = 65535;  // of a JPEG
  if (size.width > most_lines || size.height > most_lines ||
      std::uint64_t{size.width} * size.height > kMostPixels) {
    return make_error(ErrorKind::invalid, "The pictures asked for are too large for one sheet.");
  }
  const libav::Frame image = grey_sheet(size);
  if (!image) return make_error(ErrorKind::internal, "no memory for a sheet of pictures");

  const int turns = quarter_turns(info->matrix);
  const Size coded = turns % 2 == 0 ? tile : Size{tile.height, tile.width};
  Scaler scaler(*info, coded, Scaler::Form::rgb);
  std::optional<std::size_t> last_entry;
  AVFrame* last = nullptr;  // of the same entry: not decoded again
  std::size_t decoded = 0;
  for (std::size_t i = 0; i < request.times_us.size(); ++i) {
    const auto time = static_cast<std::int64_t>(std::min(request.times_us[i], kMostTime));
    const std::int64_t ticks = streamer::rescale(time, kMicroseconds, info->timescale);
    if (request.sync_only && last_entry == finder->entry_before(ticks)) {
      if (last != nullptr) place_tile(*image, sheet, i, *last, turns);
      continue;
    }
    last = nullptr;
    last_entry = finder->entry_before(ticks);
    const auto frame = request.sync_only ? finder->sync(ticks) : finder->exact(ticks);
    if (!frame) return frame.error();
    const libav::Frame picture = *frame == nullptr ? nullptr : whole(**frame);
    if (!picture) continue;
    const auto scaled = scaler.convert(*picture);
    if (!scaled) continue;
    last = *scaled;
    place_tile(*image, sheet, i, *last, turns);
    ++decoded;
  }
  if (decoded == 0) return make_error(ErrorKind::invalid, "None of the pictures could be decoded.");

  const auto jpeg = encode_jpeg(*image, request.quality);
  if (!jpeg) return jpeg.error();
  const auto written = write_at(out, 0, *jpeg);
  if (!written) return written.error();
  protocol::PicturesMade made;
  made.made = true;
  made.width = static_cast<std::uint16_t>(tile.width);
  made.height = static_cast<std::uint16_t>(tile.height);
  made.bytes = jpeg->size();
  return made;
}

}  // namespace

protocol::PicturesMade make_pictures(int film, int index, int out, const protocol::Pictures& request) {
  auto made = make(film, index, out, request);
  return made ? std::move(*made) : not_made(made.error());
}

}  // namespace carrel::converter
