#include "orchestrator/lib/sodium/password.hpp"

#include <sodium.h>

#include <array>

#include "orchestrator/lib/sodium/init.hpp"

namespace carrel::sodium {

Result<std::string> hash_password(const std::string& password, HashCost cost) {
  init();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text{};
  const int code = crypto_pwhash_argon2id_str(text.data(), password.data(), password.size(), cost.passes,
                                              cost.memory_bytes);
  if (code != 0) {
    return make_error(ErrorKind::busy, "hash a password: no " + std::to_string(cost.memory_bytes >> 20) +
                                           " MiB of memory are free; try again later");
  }
  return std::string(text.data());
}

bool verify_password(const std::string& hash, const std::string& password) {
  init();
  return crypto_pwhash_argon2id_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace carrel::sodium
