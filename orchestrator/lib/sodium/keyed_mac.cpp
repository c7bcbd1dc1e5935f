#include "orchestrator/lib/sodium/keyed_mac.hpp"

#include <sodium.h>

#include <algorithm>

#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/lib/sodium/init.hpp"
#include "orchestrator/lib/sodium/random.hpp"

namespace carrel::sodium {

static_assert(std::tuple_size_v<Mac> == crypto_auth_hmacsha256_BYTES);

MacKey MacKey::random() {
  MacKey key;
  fill_random(key.key_);
  return key;
}

std::optional<MacKey> MacKey::from_text(std::string_view text) {
  MacKey key;
  const auto bytes = from_base64url(text, key.key_.size());
  if (!bytes || bytes->size() != key.key_.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.key_.begin());
  return key;
}

MacKey::~MacKey() {
  sodium_memzero(key_.data(), key_.size());
}

std::string MacKey::to_text() const {
  return to_base64url(key_);
}

Mac MacKey::sign(std::span<const std::uint8_t> message) const {
  init();
  static_assert(crypto_auth_hmacsha256_KEYBYTES == sizeof(key_));
  Mac mac{};
  crypto_auth_hmacsha256(mac.data(), message.data(), message.size(), key_.data());
  return mac;
}

bool MacKey::verify(std::span<const std::uint8_t> message, std::span<const std::uint8_t> mac) const {
  init();
  return mac.size() == std::tuple_size_v<Mac> &&
         crypto_auth_hmacsha256_verify(mac.data(), message.data(), message.size(), key_.data()) == 0;
}

}  // namespace carrel::sodium
