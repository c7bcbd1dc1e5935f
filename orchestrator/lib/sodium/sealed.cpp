#include "orchestrator/lib/sodium/sealed.hpp"

#include <sodium.h>

#include <cstring>
#include <utility>

#include "orchestrator/lib/sodium/init.hpp"

namespace carrel::sodium {

namespace {

constexpr std::string_view kMagic = "CARRELS1";
constexpr std::size_t kPassesAt = 8, kMemoryAt = 12, kSaltAt = 16, kStreamAt = 32;
constexpr std::uint32_t kMostPasses = 16;
constexpr std::uint32_t kMostMemoryKib = 1 << 20;
static_assert(kStreamAt - kSaltAt == crypto_pwhash_SALTBYTES);
static_assert(kSealHeadBytes - kStreamAt == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kSealOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);

using Key = std::array<unsigned char, crypto_secretstream_xchacha20poly1305_KEYBYTES>;

/// Also the additional data of each piece: a stream with another head does not open.
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void put(std::string& head, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) head[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}
std::uint32_t get(std::string_view head, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes_of(head)[at + i]} << (8 * i);
  return value;
}

Result<Key> key_of(const std::string& passphrase, std::string_view head) {
  Key key{};
  const int code = crypto_pwhash(key.data(), key.size(), passphrase.data(), passphrase.size(),
                                 bytes_of(head) + kSaltAt, get(head, kPassesAt),
                                 std::size_t{get(head, kMemoryAt)} << 10, crypto_pwhash_ALG_ARGON2ID13);
  if (code == 0) return key;
  return make_error(ErrorKind::busy, "make a key of the passphrase: no " +
                                         std::to_string(get(head, kMemoryAt) >> 10) +
                                         " MiB of memory are free; try again later");
}

}  // namespace

struct Sealer::State {
  crypto_secretstream_xchacha20poly1305_state stream{};
  std::string head;
  ~State() { sodium_memzero(&stream, sizeof stream); }
};

Result<Sealer> Sealer::make(const std::string& passphrase, SealCost cost) {
  init();
  std::string head(kSealHeadBytes, '\0');
  head.replace(0, kMagic.size(), kMagic);
  put(head, kPassesAt, cost.passes);
  put(head, kMemoryAt, cost.memory_kib);
  randombytes_buf(head.data() + kSaltAt, crypto_pwhash_SALTBYTES);
  auto key = key_of(passphrase, head);
  if (key.has_error()) return key.error();
  auto state = std::make_shared<State>();
  crypto_secretstream_xchacha20poly1305_init_push(&state->stream, bytes_of(head) + kStreamAt, key->data());
  sodium_memzero(key->data(), key->size());
  Sealer sealer(std::move(state));
  sealer.head_ = std::move(head);
  return sealer;
}

std::string Sealer::seal(std::string_view piece, bool last) {
  std::string sealed(piece.size() + kSealOverhead, '\0');
  const unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                 : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  crypto_secretstream_xchacha20poly1305_push(&state_->stream, bytes_of(sealed), nullptr, bytes_of(piece),
                                             piece.size(), bytes_of(head_), head_.size(), tag);
  return sealed;
}

struct Opener::State {
  crypto_secretstream_xchacha20poly1305_state stream{};
  std::string head;
  ~State() { sodium_memzero(&stream, sizeof stream); }
};

bool Opener::is_head(std::string_view begin) {
  return begin.starts_with(kMagic);
}

Result<Opener> Opener::make(const std::string& passphrase, std::string_view head) {
  init();
  const bool sane = head.size() == kSealHeadBytes && is_head(head) && get(head, kPassesAt) >= 1 &&
                    get(head, kPassesAt) <= kMostPasses && get(head, kMemoryAt) >= 8 &&
                    get(head, kMemoryAt) <= kMostMemoryKib;
  if (!sane) return make_error(ErrorKind::invalid, "this is no file that Carrel sealed");
  auto key = key_of(passphrase, head);
  if (key.has_error()) return key.error();
  auto state = std::make_shared<State>();
  state->head = head;
  const int code = crypto_secretstream_xchacha20poly1305_init_pull(&state->stream, bytes_of(head) + kStreamAt,
                                                                   key->data());
  sodium_memzero(key->data(), key->size());
  if (code != 0) return make_error(ErrorKind::invalid, "this is no file that Carrel sealed");
  return Opener(std::move(state));
}

Result<Opener::Piece> Opener::open(std::string_view sealed) {
  if (sealed.size() < kSealOverhead) return make_error(ErrorKind::forbidden, "the sealed file is cut off");
  Piece piece;
  piece.bytes.resize(sealed.size() - kSealOverhead);
  unsigned char tag = 0;
  const int code = crypto_secretstream_xchacha20poly1305_pull(&state_->stream, bytes_of(piece.bytes), nullptr,
                                                              &tag, bytes_of(sealed), sealed.size(),
                                                              bytes_of(state_->head), state_->head.size());
  if (code != 0) {
    return make_error(ErrorKind::forbidden,
                      "the passphrase is not the one of this file, or the file was changed");
  }
  piece.last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return piece;
}

}  // namespace carrel::sodium
