#include "orchestrator/lib/sodium/init.hpp"

#include <sodium.h>

#include <cstdlib>

namespace carrel::sodium {

void init() noexcept {
  static const int outcome = sodium_init();
  if (outcome < 0) std::abort();
}

}  // namespace carrel::sodium
