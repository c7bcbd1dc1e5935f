#pragma once

#include <cstdint>
#include <string_view>

#include "orchestrator/library/video.hpp"

/// What browsers play without anything being made for them.
namespace carrel::library {

/// H.264 of 8 bits and 4:2:0, which every browser plays. `codec` is as RFC 6381 has it.
[[nodiscard]] bool is_common_h264(std::string_view codec);

/// Whether browsers play the file as it is: its kind, and what they take of its pictures and sounds. `plays`:
/// what the client plays from MP4 (protocol::Plays), 0 where that is not known. Of a film that was not looked
/// at yet the kind has to do.
[[nodiscard]] bool plays_directly(const Video& video, std::uint32_t plays);

}  // namespace carrel::library
