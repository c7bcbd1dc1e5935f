#pragma once

#include <string>
#include <string_view>

#include "streamer/protocol/index_version.hpp"

namespace carrel::support {

/// As an index begins, of which nobody looks further.
inline std::string index_with(std::string_view rest) {
  std::string bytes(streamer::kIndexMagic.data(), streamer::kIndexMagic.size());
  bytes.append(reinterpret_cast<const char*>(&streamer::kIndexVersion), sizeof streamer::kIndexVersion);
  return bytes.append(rest);
}

}  // namespace carrel::support
