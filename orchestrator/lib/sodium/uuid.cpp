#include "orchestrator/lib/sodium/uuid.hpp"

#include "orchestrator/lib/sodium/random.hpp"

namespace carrel::sodium {
namespace {

constexpr std::size_t text_size = 36;
constexpr std::string_view digits = "0123456789abcdef";

bool is_dash_position(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::string make_uuid_v7(std::chrono::system_clock::time_point now) {
  Uuid uuid{};
  fill_random(uuid);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  for (int i = 0; i < 6; ++i) {
    uuid[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((milliseconds >> (8 * (5 - i))) & 0xff);
  }
  uuid[6] = static_cast<std::uint8_t>(0x70 | (uuid[6] & 0x0f));
  uuid[8] = static_cast<std::uint8_t>(0x80 | (uuid[8] & 0x3f));
  return format_uuid(uuid);
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  Uuid uuid{};
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const auto value = digits.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    auto& byte = uuid[nibble++ / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
  }
  return uuid;
}

bool is_uuid(std::string_view text) {
  return parse_uuid(text).has_value();
}

std::string format_uuid(const Uuid& uuid) {
  std::string text;
  text.reserve(text_size);
  for (const std::uint8_t byte : uuid) {
    if (is_dash_position(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 0x0f];
  }
  return text;
}

}  // namespace carrel::sodium
