#pragma once

#include <string>

namespace carrel::openssl {

/// What this thread's queue of errors holds, oldest first; empties it. "" when there is none.
[[nodiscard]] std::string take_errors();

}  // namespace carrel::openssl
