#include "converter/decode/probe.hpp"

#include <algorithm>

#include "converter/decode/decoder.hpp"

namespace carrel::converter {
namespace {

constexpr std::size_t kMostSamples = 250;

}  // namespace

Result<streamer::TrackInfo> probe(const Source& source) {
  streamer::TrackInfo info = source.info();
  if (info.width != 0 && info.height != 0) return info;
  auto decoder = Decoder::open(info);
  if (!decoder) return decoder.error();
  const std::size_t count = std::min(source.samples().size(), kMostSamples);
  for (std::size_t i = 0; i <= count; ++i) {
    if (i < count) {
      const auto bytes = source.bytes(i);
      if (!bytes) return bytes.error();
      if (*bytes) (*decoder)->send(**bytes, source.shown(i));
    } else {
      (*decoder)->finish();
    }
    const AVFrame* frame = (*decoder)->receive();
    if (frame == nullptr) continue;
    info.width = static_cast<std::uint32_t>(frame->width);
    info.height = static_cast<std::uint32_t>(frame->height);
    if (frame->sample_aspect_ratio.num > 0 && frame->sample_aspect_ratio.den > 0) {
      info.aspect_width = static_cast<std::uint32_t>(frame->sample_aspect_ratio.num);
      info.aspect_height = static_cast<std::uint32_t>(frame->sample_aspect_ratio.den);
    }
    return info;
  }
  return make_error(ErrorKind::invalid, "Nothing of the film's picture could be decoded.");
}

}  // namespace carrel::converter
