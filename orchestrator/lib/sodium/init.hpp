#pragma once

namespace carrel::sodium {

/// Makes libsodium ready; every function of this folder that needs it calls it first. Any thread, any number
/// of times. Aborts when the machine has no source of randomness: nothing that follows could be trusted.
void init() noexcept;

}  // namespace carrel::sodium
