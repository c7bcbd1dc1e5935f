#include "orchestrator/accounts/stream_tokens.hpp"

#include <doctest/doctest.h>

#include "harness.hpp"
#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/store/settings.hpp"

using namespace carrel;
using namespace carrel::accounts;

namespace {
constexpr const char* session_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
constexpr const char* video_id = "017f22e2-79b0-7cc3-98c4-000000000001";
}  // namespace

TEST_CASE("a token gives back what it was issued for, until its end") {
  const StreamTokens tokens(sodium::MacKey::random());
  const auto token = tokens.issue(session_id, video_id, 5000);
  CHECK(token.size() == 98);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
        std::string::npos);
  const auto verified = tokens.verify(token, 4999);
  REQUIRE(verified.has_value());
  CHECK(verified->session_id == session_id);
  CHECK(verified->video_id == video_id);
  CHECK(verified->expires_at == 5000);
  CHECK(tokens.verify(token, 5000).error().kind == ErrorKind::forbidden);
  CHECK(tokens.verify(token, 5000).error().message.find("expired") != std::string::npos);
}

TEST_CASE("every changed bit, every cut and every addition is refused") {
  const StreamTokens tokens(sodium::MacKey::random());
  const auto token = tokens.issue(session_id, video_id, 5000);
  const auto bytes = sodium::from_base64url(token, 1000).value();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    CHECK(tokens.verify(sodium::to_base64url(changed), 0).has_error());
  }
  for (std::size_t length = 0; length < token.size(); ++length) {
    CHECK(tokens.verify(token.substr(0, length), 0).has_error());
  }
  // Characters whose low bits are not part of a byte must not give a second spelling.
  for (const char last :
       std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=+/ ")) {
    auto other = token;
    other.back() = last;
    CHECK(tokens.verify(other, 0).has_value() == (other == token));
  }
  CHECK(tokens.verify(token + "A", 0).has_error());
  CHECK(tokens.verify(token + "=", 0).has_error());
  CHECK(tokens.verify(std::string(1 << 20, 'A'), 0).has_error());
}

TEST_CASE("another key's token is refused") {
  const StreamTokens tokens(sodium::MacKey::random());
  CHECK(
      StreamTokens(sodium::MacKey::random()).verify(tokens.issue(session_id, video_id, 5000), 0).has_error());
}

TEST_CASE("only UUIDs get a token") {
  const StreamTokens tokens(sodium::MacKey::random());
  CHECK_THROWS_AS((void)tokens.issue("x", video_id, 1), std::invalid_argument);
  CHECK_THROWS_AS((void)tokens.issue(session_id, "", 1), std::invalid_argument);
}

TEST_CASE("the key is made once and kept") {
  test::Harness harness;
  const auto first = harness.run(load_stream_key(harness.store()));
  REQUIRE(first.has_value());
  harness.restart();
  const auto second = harness.run(load_stream_key(harness.store()));
  REQUIRE(second.has_value());
  CHECK(first->to_text() == second->to_text());
  harness.execute("UPDATE settings SET value = 'damaged' WHERE key = 'stream_token_key'");
  CHECK(harness.run(load_stream_key(harness.store())).error().message.find("stream_token_key") !=
        std::string::npos);
}
