#pragma once

#include <string>

#include "base/error.hpp"
#include "converter/decode/libav.hpp"

namespace carrel::converter {

/// A picture of 8-bit RGB as a JPEG. `quality`: 1 to 100.
[[nodiscard]] Result<std::string> encode_jpeg(const AVFrame& picture, int quality);

}  // namespace carrel::converter
