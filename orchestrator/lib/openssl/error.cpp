#include "orchestrator/lib/openssl/error.hpp"

#include <openssl/err.h>

#include <array>

namespace carrel::openssl {

std::string take_errors() {
  std::string all;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    std::array<char, 256> text{};
    if (reason == nullptr) ERR_error_string_n(code, text.data(), text.size());
    all += (all.empty() ? "" : "; ") + std::string(reason == nullptr ? text.data() : reason);
  }
  return all;
}

}  // namespace carrel::openssl
