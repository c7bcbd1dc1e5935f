#include "orchestrator/lib/sodium/base64.hpp"

#include <sodium.h>

namespace carrel::sodium {

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminator that libsodium counts in
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text, std::size_t max_bytes) {
  std::vector<std::uint8_t> bytes(max_bytes);
  std::size_t size = 0;
  const char* end = nullptr;
  const int code = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                                     &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (code != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace carrel::sodium
