#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace carrel::streamer::subtitles {

/// `count` (≤ 4) bytes of `bytes` from `at` on, big endian; they are there.
[[nodiscard]] inline std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Box {
  std::string_view type, body;
};

/// Takes a box of MP4 from the front of `bytes`. Empty: there is no whole one.
[[nodiscard]] inline std::optional<Box> take_box(std::string_view& bytes) {
  constexpr std::size_t head = 8;
  if (bytes.size() < head) return std::nullopt;
  const std::size_t size = number_at(bytes, 0, 4);
  if (size < head || size > bytes.size()) return std::nullopt;
  const Box box{bytes.substr(4, 4), bytes.substr(head, size - head)};
  bytes.remove_prefix(size);
  return box;
}

}  // namespace carrel::streamer::subtitles
