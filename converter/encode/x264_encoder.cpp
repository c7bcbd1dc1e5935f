#include "converter/encode/x264_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

extern "C" {
#include <x264.h>
}

#include "base/x264_preset.hpp"

namespace carrel::converter {
namespace {

constexpr std::uint32_t kSettingsVersion = 1;
constexpr std::uint32_t kBitsPerKilobit = 1000;
constexpr std::uint32_t kBufferSeconds = 2;
constexpr float kQuality = 22;  // constant rate factor
constexpr int kLookahead = 20;  // frames: memory
constexpr int kMostB = 3;
constexpr std::size_t kLengthBytes = 4;
constexpr double kFpsUnit = 1000;

x264_t* handle(void* encoder) {
  return static_cast<x264_t*>(encoder);
}

void set_colour(x264_param_t& parameters, const streamer::Colour& colour) {
  parameters.vui.b_fullrange = 0;
  if (!colour.present) return;
  parameters.vui.i_colorprim = colour.primaries;
  parameters.vui.i_transfer = colour.transfer;
  parameters.vui.i_colmatrix = colour.matrix;
}

std::string_view bytes_of(const x264_nal_t& nal) {
  return {reinterpret_cast<const char*>(nal.p_payload), static_cast<std::size_t>(nal.i_payload)};
}

void append_set(std::string& avcc, std::string_view nal) {
  avcc += static_cast<char>(nal.size() >> 8U);
  avcc += static_cast<char>(nal.size() & 0xFFU);
  avcc += nal;
}

}  // namespace

std::uint32_t encoder_version() {
  return X264_BUILD << 8U | kSettingsVersion;
}

void X264Encoder::Close::operator()(void* encoder) const {
  x264_encoder_close(handle(encoder));
}

X264Encoder::X264Encoder(void* encoder, bool may_reorder, Size size)
    : encoder_(encoder), may_reorder_(may_reorder), size_(size) {}

Result<X264Encoder> X264Encoder::open(const EncoderSettings& settings, bool may_reorder) {
  x264_param_t parameters;
  if (x264_param_default_preset(&parameters, x264_preset(std::min(settings.size.width, settings.size.height)),
                                nullptr) < 0)
    return make_error(ErrorKind::internal, "libx264 does not know its own presets");
  // libx264's macroblock tree with AVX-512 looks at memory that nothing was written to (seen with widths that
  // are no multiple of 64): the same frames would not give the same bytes.
  parameters.cpu &= ~std::uint32_t{X264_CPU_AVX512};
  parameters.i_threads = 1;
  parameters.i_lookahead_threads = 1;
  parameters.i_sync_lookahead = 0;
  parameters.b_sliced_threads = 0;
  parameters.i_log_level = X264_LOG_NONE;
  parameters.i_csp = X264_CSP_I420;
  parameters.i_width = static_cast<int>(settings.size.width);
  parameters.i_height = static_cast<int>(settings.size.height);
  parameters.vui.i_sar_width = 1;
  parameters.vui.i_sar_height = 1;
  set_colour(parameters, settings.colour);
  parameters.b_vfr_input = 1;
  parameters.i_timebase_num = 1;
  parameters.i_timebase_den = settings.timescale;
  parameters.i_fps_num = static_cast<std::uint32_t>(std::lround(settings.frames_per_second * kFpsUnit));
  parameters.i_fps_den = static_cast<std::uint32_t>(kFpsUnit);
  parameters.i_keyint_max = X264_KEYINT_MAX_INFINITE;
  parameters.i_scenecut_threshold = 0;
  parameters.b_open_gop = 0;
  parameters.i_bframe = settings.reorders ? kMostB : 0;
  parameters.i_bframe_pyramid = X264_B_PYRAMID_NONE;
  parameters.rc.i_lookahead = std::min(parameters.rc.i_lookahead, kLookahead);
  parameters.rc.i_rc_method = X264_RC_CRF;
  parameters.rc.f_rf_constant = kQuality;
  if (settings.bits_per_second != 0) {
    parameters.rc.i_vbv_max_bitrate =
        static_cast<int>(std::max(settings.bits_per_second / kBitsPerKilobit, 1U));
    parameters.rc.i_vbv_buffer_size = parameters.rc.i_vbv_max_bitrate * static_cast<int>(kBufferSeconds);
  }
  parameters.b_annexb = 0;
  parameters.b_repeat_headers = 0;
  parameters.b_aud = 0;
  if (x264_param_apply_profile(&parameters, "high") < 0)
    return make_error(ErrorKind::internal, "libx264 does not know its own profiles");
  x264_t* encoder = x264_encoder_open(&parameters);
  if (encoder == nullptr) {
    return make_error(ErrorKind::invalid, "libx264 takes no picture of " +
                                              std::to_string(settings.size.width) + "x" +
                                              std::to_string(settings.size.height));
  }
  return X264Encoder(encoder, may_reorder && settings.reorders, settings.size);
}

Result<bool> X264Encoder::take(void* picture, std::vector<Frame>& out) {
  x264_nal_t* nals = nullptr;
  int count = 0;
  x264_picture_t made;
  const int bytes = x264_encoder_encode(handle(encoder_.get()), &nals, &count,
                                        static_cast<x264_picture_t*>(picture), &made);
  if (bytes < 0) return make_error(ErrorKind::internal, "libx264 failed to encode a frame");
  if (bytes == 0) return false;
  // The units lie one after the other.
  out.push_back(
      {std::string(reinterpret_cast<const char*>(nals[0].p_payload), static_cast<std::size_t>(bytes)),
       made.i_pts + first_});
  return true;
}

Result<void> X264Encoder::encode(const Planes& picture, std::int64_t time, std::vector<Frame>& out) {
  x264_picture_t input;
  x264_picture_init(&input);
  input.img.i_csp = X264_CSP_I420;
  input.img.i_plane = 3;
  for (int i = 0; i < 3; ++i) {
    // It copies the picture and changes nothing.
    input.img.plane[i] = const_cast<std::uint8_t*>(picture.data[i]);
    input.img.i_stride[i] = picture.stride[i];
  }
  if (!begun_) first_ = time;
  input.i_type = !begun_ ? X264_TYPE_IDR : may_reorder_ ? X264_TYPE_AUTO : X264_TYPE_P;
  input.i_pts = time - first_;
  begun_ = true;
  const auto taken = take(&input, out);
  if (!taken) return taken.error();
  return {};
}

Result<void> X264Encoder::finish(std::vector<Frame>& out) {
  while (x264_encoder_delayed_frames(handle(encoder_.get())) > 0) {
    const auto taken = take(nullptr, out);
    if (!taken) return taken.error();
  }
  return {};
}

Result<std::string> X264Encoder::configuration() const {
  x264_nal_t* nals = nullptr;
  int count = 0;
  if (x264_encoder_headers(handle(encoder_.get()), &nals, &count) < 0)
    return make_error(ErrorKind::internal, "libx264 gives no headers");
  std::string_view sequence, picture;
  for (const x264_nal_t& nal : std::span(nals, static_cast<std::size_t>(count))) {
    if (nal.i_type == NAL_SPS) sequence = bytes_of(nal).substr(kLengthBytes);
    if (nal.i_type == NAL_PPS) picture = bytes_of(nal).substr(kLengthBytes);
  }
  if (sequence.size() < kLengthBytes || picture.empty())
    return make_error(ErrorKind::internal, "libx264 gives no parameter sets");
  // ISO/IEC 14496-15 section 5.3.3.1: version, profile and level, four bytes of length, one set of each kind;
  // 4:2:0 with 8 bits for the profile High.
  std::string avcc{1, sequence[1], sequence[2], sequence[3], '\xFF', '\xE1'};
  append_set(avcc, sequence);
  avcc += '\x01';
  append_set(avcc, picture);
  avcc += {'\xFD', '\xF8', '\xF8', '\0'};
  return avcc;
}

}  // namespace carrel::converter
