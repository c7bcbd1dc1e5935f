#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/lib/sodium/keyed_mac.hpp"
#include "orchestrator/lib/sodium/password.hpp"
#include "orchestrator/lib/sodium/random.hpp"
#include "orchestrator/lib/sodium/secret_hash.hpp"

using namespace carrel::sodium;

namespace {
constexpr HashCost cheap{.passes = 1, .memory_bytes = 8192};
using Bytes = std::vector<std::uint8_t>;
}  // namespace

TEST_CASE("base64url goes there and back, and only one text stands for given bytes") {
  CHECK(to_base64url(Bytes{}) == "");
  CHECK(to_base64url(Bytes{0xfb, 0xff}) == "-_8");
  CHECK(from_base64url("-_8", 2) == Bytes{0xfb, 0xff});
  CHECK(from_base64url("", 2) == Bytes{});
  for (const char* wrong : {"-_9", "-_8=", "+/8", "-_8 ", "-\n_8", "-", "-_8A", "\xff\xff"}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64url(wrong, 2));
  }
}

TEST_CASE("random tokens are long and differ") {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(random_token(32));
  CHECK(tokens.size() == 100);
  CHECK(std::ranges::all_of(tokens, [](const auto& token) { return token.size() == 43; }));
}

TEST_CASE("a password matches its own hash only, and a hash says nothing twice") {
  const auto hash = hash_password("correct horse", cheap).value();
  CHECK(hash.starts_with("$argon2id$"));
  CHECK(hash != hash_password("correct horse", cheap).value());
  CHECK(verify_password(hash, "correct horse"));
  CHECK_FALSE(verify_password(hash, "correct horsf"));
  CHECK_FALSE(verify_password(hash, ""));
  CHECK_FALSE(verify_password("", "correct horse"));
  CHECK_FALSE(verify_password("$argon2id$nonsense", "correct horse"));
  const std::string with_nul("a\0b", 3);
  const auto nul_hash = hash_password(with_nul, cheap).value();
  CHECK(verify_password(nul_hash, with_nul));
  CHECK_FALSE(verify_password(nul_hash, std::string("a\0c", 3)));
}

TEST_CASE("the default cost is argon2id with 64 MiB and three passes") {
  CHECK(hash_password("x", {}).value().find("$argon2id$v=19$m=65536,t=3,p=1$") == 0);
}

TEST_CASE("a MAC fits one key and one message") {
  const MacKey key = MacKey::random();
  const Bytes message{1, 2, 3};
  const Mac mac = key.sign(message);
  CHECK(key.verify(message, mac));
  CHECK_FALSE(key.verify(Bytes{1, 2, 4}, mac));
  CHECK_FALSE(key.verify(message, std::span(mac).first(31)));
  CHECK_FALSE(key.verify(message, {}));
  CHECK_FALSE(MacKey::random().verify(message, mac));
  const auto copy = MacKey::from_text(key.to_text());
  REQUIRE(copy);
  CHECK(copy->verify(message, mac));
  CHECK_FALSE(MacKey::from_text(""));
  CHECK_FALSE(MacKey::from_text(key.to_text() + "A"));
}

TEST_CASE("HMAC-SHA-256 of RFC 4231, test case 1 padded to our key length is stable") {
  // Keys of HMAC are padded with zeros, so a shorter key and the same key with zeros behind it are one.
  Bytes key_bytes(32, 0);
  std::fill_n(key_bytes.begin(), 20, std::uint8_t{0x0b});
  const auto key = MacKey::from_text(to_base64url(key_bytes));
  REQUIRE(key);
  const std::string text = "Hi There";
  const Mac mac = key->sign(Bytes(text.begin(), text.end()));
  CHECK(mac[0] == 0xb0);
  CHECK(mac[1] == 0x34);
  CHECK(mac[31] == 0xf7);
}

TEST_CASE("secrets are hashed and compared") {
  CHECK(hash_secret("a").size() == 43);
  CHECK(hash_secret("a") == hash_secret("a"));
  CHECK(hash_secret("a") != hash_secret("b"));
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "abcd"));
}
