#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// A stream of bytes under a passphrase: argon2id makes the key of it, XChaCha20-Poly1305 (libsodium's
/// secretstream) seals piece after piece. Nothing can be read without the passphrase, and neither a changed
/// byte nor a missing, exchanged or left-off piece goes unnoticed. One thread.
namespace carrel::sodium {

/// What making the key costs; it is written at the stream's beginning.
struct SealCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 256 << 10;
};

inline constexpr std::size_t kSealHeadBytes = 56;
inline constexpr std::size_t kSealOverhead = 17;  ///< a sealed piece is longer by so much

class Sealer {
 public:
  /// ErrorKind::busy: not that much memory is free.
  [[nodiscard]] static Result<Sealer> make(const std::string& passphrase, SealCost cost = {});

  /// What the stream begins with: kSealHeadBytes.
  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] std::string seal(std::string_view piece, bool last);

 private:
  struct State;
  explicit Sealer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
  std::string head_;
};

class Opener {
 public:
  struct Piece {
    std::string bytes;
    bool last = false;
  };

  /// Whether a file that begins so is a sealed one.
  [[nodiscard]] static bool is_head(std::string_view begin);
  /// ErrorKind::invalid: no head, or one that asks for more work than any that make() wrote.
  [[nodiscard]] static Result<Opener> make(const std::string& passphrase, std::string_view head);

  /// ErrorKind::forbidden: the passphrase is another, or the piece was changed or is out of place.
  [[nodiscard]] Result<Piece> open(std::string_view sealed);

 private:
  struct State;
  explicit Opener(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace carrel::sodium
