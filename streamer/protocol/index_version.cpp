#include "streamer/protocol/index_version.hpp"

#include <unistd.h>

#include <cstring>

namespace carrel::streamer {

bool is_of_this_version(int index) {
  std::array<char, kIndexMagic.size() + sizeof kIndexVersion> begin{};
  if (::pread(index, begin.data(), begin.size(), 0) != static_cast<ssize_t>(begin.size())) return false;
  std::uint32_t version = 0;
  std::memcpy(&version, begin.data() + kIndexMagic.size(), sizeof version);
  return std::memcmp(begin.data(), kIndexMagic.data(), kIndexMagic.size()) == 0 && version == kIndexVersion;
}

}  // namespace carrel::streamer
