#include "converter/decode/scaler.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <cstdint>
#include <span>
#include <utility>

namespace carrel::converter {
namespace {

constexpr int kLinesOfStandardDefinition = 576;
constexpr int kUnity = 1 << 16;

libav::Scaler make(int from_width, int from_height, AVPixelFormat from, Size size, AVPixelFormat to) {
  return libav::Scaler(sws_getContext(from_width, from_height, from, static_cast<int>(size.width),
                                      static_cast<int>(size.height), to, SWS_BICUBIC | SWS_ACCURATE_RND,
                                      nullptr, nullptr, nullptr));
}

void set_colours(SwsContext* scaler, int from, bool from_full, int to, bool to_full) {
  // What it cannot do for a pair of forms it leaves as it is.
  static_cast<void>(sws_setColorspaceDetails(scaler, sws_getCoefficients(from), from_full ? 1 : 0,
                                             sws_getCoefficients(to), to_full ? 1 : 0, 0, kUnity, kUnity));
}

bool is_rgb(int format) {
  const AVPixFmtDescriptor* form = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return form != nullptr && (form->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

}  // namespace

Scaler::Scaler(const streamer::TrackInfo& track, Size size, Form form)
    : colour_(track.colour), size_(size), form_(form) {
  const Light light = colour_.present ? light_of(colour_.transfer) : Light::sdr;
  if (light != Light::sdr) tone_.emplace(light);
}

Scaler::Key Scaler::key_of(const AVFrame& frame) const {
  Key key{frame.width, frame.height, frame.format, frame.colorspace, frame.color_range == AVCOL_RANGE_JPEG};
  const bool said = key.matrix != AVCOL_SPC_UNSPECIFIED && key.matrix != AVCOL_SPC_RGB;
  if (!said && colour_.present) key.matrix = colour_.matrix;
  if (key.matrix == AVCOL_SPC_UNSPECIFIED || key.matrix == AVCOL_SPC_RGB)
    key.matrix = frame.height > kLinesOfStandardDefinition ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  if (frame.color_range == AVCOL_RANGE_UNSPECIFIED && colour_.present) key.full = colour_.full_range;
  return key;
}

Result<void> Scaler::prepare(const Key& key) {
  const auto format = static_cast<AVPixelFormat>(key.format);
  const AVPixelFormat last = form_ == Form::rgb ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P;
  const AVPixelFormat next = tone_ ? AV_PIX_FMT_RGB48 : last;
  libav::Scaler first = make(key.width, key.height, format, size_, next);
  if (!first) return make_error(ErrorKind::invalid, "frames of a form that cannot be converted");
  const bool keeps = form_ == Form::yuv420 && !tone_ && !is_rgb(key.format);
  set_colours(first.get(), key.matrix, key.full, keeps ? key.matrix : int{AVCOL_SPC_BT709},
              next != AV_PIX_FMT_YUV420P);
  const int width = static_cast<int>(size_.width), height = static_cast<int>(size_.height);
  if (!out_) out_ = libav::make_frame(last, width, height);
  if (tone_ && !second_) {
    second_ = make(width, height, next, size_, last);
    middle_ = libav::make_frame(next, width, height);
    if (second_) set_colours(second_.get(), AVCOL_SPC_BT709, true, AVCOL_SPC_BT709, form_ == Form::rgb);
  }
  if (!out_ || (tone_ && (!second_ || !middle_)))
    return make_error(ErrorKind::internal, "no memory to convert a frame");
  first_ = std::move(first);
  key_ = key;
  return {};
}

Result<AVFrame*> Scaler::convert(const AVFrame& frame) {
  const Key key = key_of(frame);
  if (key_ != key) {
    auto prepared = prepare(key);
    if (!prepared) return prepared.error();
  }
  AVFrame* first = tone_ ? middle_.get() : out_.get();
  // The encoder may still look at the picture before.
  if (av_frame_make_writable(first) < 0 || av_frame_make_writable(out_.get()) < 0)
    return make_error(ErrorKind::internal, "no memory to convert a frame");
  sws_scale(first_.get(), frame.data, frame.linesize, 0, frame.height, first->data, first->linesize);
  if (tone_) {
    for (std::uint32_t line = 0; line < size_.height; ++line) {
      auto* pixels =
          reinterpret_cast<std::uint16_t*>(first->data[0] + std::ptrdiff_t{first->linesize[0]} * line);
      tone_->apply({pixels, std::size_t{size_.width} * 3});
    }
    sws_scale(second_.get(), first->data, first->linesize, 0, first->height, out_->data, out_->linesize);
  }
  return out_.get();
}

}  // namespace carrel::converter
