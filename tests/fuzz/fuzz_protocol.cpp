#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "streamer/protocol/codec.hpp"

using namespace carrel::protocol;

/// Any bytes: refused, or a message whose one wire form they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto message = decode(bytes);
  if (message && !std::ranges::equal(encode(*message), bytes)) {
    std::abort();
  }
  return 0;
}
