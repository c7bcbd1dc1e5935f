#pragma once

#include <string>
#include <string_view>

namespace carrel::sodium {

/// BLAKE2b-256 of a random secret, as base64url: what is kept instead of the secret. Only for secrets of full
/// entropy; passwords go to password.hpp.
[[nodiscard]] std::string hash_secret(std::string_view secret);

/// Equality that takes the same time wherever the texts differ. Their lengths are not kept secret.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace carrel::sodium
