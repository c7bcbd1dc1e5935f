#pragma once

#include <cstdlib>

namespace carrel::fuzz {

/// What holds for every input; the fuzzer keeps the input for which it does not.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace carrel::fuzz
