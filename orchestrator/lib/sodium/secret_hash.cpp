#include "orchestrator/lib/sodium/secret_hash.hpp"

#include <sodium.h>

#include <array>

#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/lib/sodium/init.hpp"

namespace carrel::sodium {

std::string hash_secret(std::string_view secret) {
  init();
  std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size(), nullptr, 0);
  return to_base64url(hash);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace carrel::sodium
