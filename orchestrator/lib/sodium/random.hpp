#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace carrel::sodium {

/// Fills `bytes` from the system's generator.
void fill_random(std::span<std::uint8_t> bytes);

/// A secret of `bytes` random bytes as base64url; 32 bytes make 43 characters.
[[nodiscard]] std::string random_token(std::size_t bytes);

}  // namespace carrel::sodium
