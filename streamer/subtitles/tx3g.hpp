#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "streamer/subtitles/payload.hpp"

/// Timed text of MP4 and QuickTime (3GPP TS 26.245), mov_text to libavformat.
namespace carrel::streamer::subtitles {

/// What the sample description says of every sample.
struct Tx3gDefaults {
  Look look;
  int keypad = 2;
  bool all_forced = false;
};

[[nodiscard]] Tx3gDefaults tx3g_defaults(std::string_view description);

/// One sample's payload: the text, and what its style records make bold, italic or underlined. Empty for the
/// samples that end a subtitle.
[[nodiscard]] std::string tx3g_payload(std::string_view sample, const Tx3gDefaults& defaults);

}  // namespace carrel::streamer::subtitles
