#include "orchestrator/accounts/admin_tokens.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "harness.hpp"

using namespace carrel;
using accounts::AdminTokens;
using accounts::test::Harness;
using std::chrono::seconds;

namespace {

std::unique_ptr<AdminTokens> open_tokens(Harness& harness) {
  const std::function<std::int64_t()> now = [&harness] { return harness.now; };
  return harness.run(AdminTokens::open(harness.store(), now)).value();
}

Result<std::string> add(Harness& harness, AdminTokens& tokens, const std::string& name, seconds lifetime) {
  return harness.run(tokens.add(name, lifetime, "anna"));
}

}  // namespace

TEST_CASE("a token opens until it expires, and only its hash is kept") {
  Harness harness;
  const auto tokens = open_tokens(harness);
  const std::string secret = add(harness, *tokens, "Backup", seconds(60)).value();
  CHECK(secret.size() == 43);
  CHECK(tokens->verify(secret) == "backup");
  CHECK_FALSE(tokens->verify(secret.substr(1) + "A").has_value());
  CHECK_FALSE(tokens->verify("").has_value());
  const auto count = [](sqlite::Connection& db) {
    return db.query("SELECT secret_hash FROM admin_tokens",
                    [](const sqlite::Statement& row) { return row.column_text(0); });
  };
  CHECK(harness.run(harness.store().read(count)).value().at(0) != secret);
  harness.now += 60;
  CHECK_FALSE(tokens->verify(secret).has_value());
  CHECK(tokens->all().empty());
}

TEST_CASE("tokens outlive the daemon, revoked ones do not") {
  Harness harness;
  std::string kept;
  std::string revoked;
  {
    const auto tokens = open_tokens(harness);
    kept = add(harness, *tokens, "kept", seconds(600)).value();
    revoked = add(harness, *tokens, "revoked", seconds(600)).value();
    CHECK(harness.run(tokens->revoke("revoked", "anna")).has_value());
    CHECK_FALSE(tokens->verify(revoked).has_value());
    CHECK(harness.run(tokens->revoke("revoked", "anna")).error().kind == ErrorKind::not_found);
  }
  harness.restart();
  const auto tokens = open_tokens(harness);
  CHECK(tokens->verify(kept) == "kept");
  CHECK_FALSE(tokens->verify(revoked).has_value());
  CHECK(tokens->all().size() == 1);
}

TEST_CASE("names are unique, an expired one is free again, and there is a bound") {
  Harness harness;
  const auto tokens = open_tokens(harness);
  CHECK(add(harness, *tokens, "a", seconds(60)).has_value());
  CHECK(add(harness, *tokens, "A", seconds(60)).error().kind == ErrorKind::conflict);
  harness.now += 61;
  CHECK(add(harness, *tokens, "a", seconds(60)).has_value());
  CHECK(add(harness, *tokens, "no spaces", seconds(60)).error().kind == ErrorKind::invalid);
  CHECK(add(harness, *tokens, "b", seconds(59)).error().kind == ErrorKind::invalid);
  CHECK(add(harness, *tokens, "b", AdminTokens::longest + seconds(1)).error().kind == ErrorKind::invalid);
  for (std::size_t i = 1; i < AdminTokens::max_tokens; ++i) {
    CHECK(add(harness, *tokens, "n" + std::to_string(i), seconds(60)).has_value());
  }
  CHECK(add(harness, *tokens, "one.more", seconds(60)).error().kind == ErrorKind::conflict);
}

TEST_CASE("a token is of no use while it is being revoked, and back when the store fails") {
  Harness harness;
  const auto tokens = open_tokens(harness);
  const std::string secret = add(harness, *tokens, "a", seconds(600)).value();
  harness.execute("CREATE TRIGGER no BEFORE DELETE ON admin_tokens BEGIN SELECT RAISE(ABORT, 'no'); END");
  std::optional<Result<void>> ended;
  harness.begin(tokens->revoke("a", "anna"), ended);
  harness.run_until([&] { return ended.has_value() || !tokens->verify(secret).has_value(); });
  harness.drain();
  REQUIRE(ended.has_value());
  CHECK(ended->has_error());
  CHECK(tokens->verify(secret) == "a");
}

TEST_CASE("both ends are on record, with who asked and without the secret") {
  Harness harness;
  const auto tokens = open_tokens(harness);
  const std::string secret = add(harness, *tokens, "a", seconds(600)).value();
  CHECK(harness.run(tokens->revoke("a", "local:root")).has_value());
  const auto events = harness.events();
  REQUIRE(events.size() >= 2);
  CHECK(events[0].action == "token_revoked");
  CHECK(events[0].actor == "local:root");
  CHECK(events[1].action == "token_added");
  CHECK(events[1].object == "a");
  for (const auto& event : events) CHECK(event.detail.find(secret) == std::string::npos);
}
