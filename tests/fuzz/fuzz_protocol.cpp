#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "streamer/protocol/codec.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::protocol;

/// Any bytes: refused, or a message whose one wire form they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto message = decode(bytes);
  carrel::fuzz::require(!message || std::ranges::equal(encode(*message), bytes));
  return 0;
}
