#include "orchestrator/lib/sodium/sha256.hpp"

#include <sodium.h>

#include <array>

#include "orchestrator/lib/sodium/init.hpp"

namespace carrel::sodium {

struct Sha256::State {
  crypto_hash_sha256_state hash{};
};

Sha256::Sha256() : state_(std::make_shared<State>()) {
  init();
  crypto_hash_sha256_init(&state_->hash);
}

void Sha256::update(std::string_view bytes) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

std::string Sha256::digest() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256_final(&state_->hash, bytes.data());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

}  // namespace carrel::sodium
