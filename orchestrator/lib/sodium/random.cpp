#include "orchestrator/lib/sodium/random.hpp"

#include <sodium.h>

#include <vector>

#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/lib/sodium/init.hpp"

namespace carrel::sodium {

void fill_random(std::span<std::uint8_t> bytes) {
  init();
  randombytes_buf(bytes.data(), bytes.size());
}

std::string random_token(std::size_t bytes) {
  std::vector<std::uint8_t> secret(bytes);
  fill_random(secret);
  return to_base64url(secret);
}

}  // namespace carrel::sodium
