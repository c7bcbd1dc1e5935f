#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace carrel::sodium {

using Mac = std::array<std::uint8_t, 32>;

/// A secret key for message authentication with HMAC-SHA-256 (RFC 2104), the one algorithm there is: nothing
/// in a message can choose another. Wiped when destroyed.
class MacKey {
 public:
  [[nodiscard]] static MacKey random();
  /// From to_text(); nothing when the text is not such a key.
  [[nodiscard]] static std::optional<MacKey> from_text(std::string_view text);

  MacKey(const MacKey&) = default;
  MacKey& operator=(const MacKey&) = default;
  ~MacKey();

  [[nodiscard]] std::string to_text() const;  ///< base64url; secret
  [[nodiscard]] Mac sign(std::span<const std::uint8_t> message) const;
  /// In constant time. `mac` must be of full length; anything else is false.
  [[nodiscard]] bool verify(std::span<const std::uint8_t> message, std::span<const std::uint8_t> mac) const;

 private:
  MacKey() = default;

  std::array<std::uint8_t, 32> key_{};
};

}  // namespace carrel::sodium
