#include <doctest/doctest.h>

#include "harness.hpp"

using namespace carrel;
using namespace carrel::accounts;
using test::Harness;

namespace {

Options short_lived() {
  Options options = test::cheap_options();
  options.idle = std::chrono::seconds(1000);
  options.absolute = std::chrono::seconds(5000);
  return options;
}

}  // namespace

TEST_CASE("an idle session is dead before it is taken out, and cannot be revived") {
  Harness harness(short_lived());
  harness.add("anna");
  const auto login = harness.log_in("anna");
  auto& accounts = harness.accounts();
  harness.now += 999;
  CHECK(accounts.by_id(login->session.id).has_value());
  harness.now += 1;
  accounts.touch(login->session.id);
  CHECK(accounts.by_id(login->session.id).error().kind == ErrorKind::not_found);
  CHECK(accounts.by_secret(login->secret).error().kind == ErrorKind::not_found);
  CHECK(harness.ended.empty());
  accounts.expire(harness.now);
  REQUIRE(harness.ended.size() == 1);
  CHECK(harness.ended[0].second == EndReason::idle);
  CHECK(accounts.sessions().empty());
  accounts.expire(harness.now);
  harness.drain();
  CHECK(harness.ended.size() == 1);
  CHECK(harness.errors.empty());
}

TEST_CASE("use keeps a session alive, until its absolute end") {
  Harness harness(short_lived());
  harness.add("anna");
  const auto login = harness.log_in("anna");
  auto& accounts = harness.accounts();
  for (int i = 0; i < 8; ++i) {
    harness.now += 600;
    if (i % 2 == 0) accounts.touch(login->session.id);
    if (i % 2 == 1) CHECK(accounts.by_secret(login->secret).has_value());
    accounts.expire(harness.now);
  }
  CHECK(harness.ended.empty());
  harness.now += 200;
  CHECK(accounts.by_secret(login->secret).has_error());
  accounts.expire(harness.now);
  harness.drain();
  REQUIRE(harness.ended.size() == 1);
  CHECK(harness.ended[0].second == EndReason::expired);
}

TEST_CASE("a restart keeps sessions and when they were used") {
  Harness harness(short_lived());
  harness.add("anna");
  const auto login = harness.log_in("anna");
  harness.now += 900;
  CHECK(harness.accounts().by_secret(login->secret).has_value());
  harness.accounts().expire(harness.now);
  harness.drain();
  harness.restart();
  harness.now += 500;  // 1400 since the login, 500 since the last use
  const auto session = harness.accounts().by_secret(login->secret);
  REQUIRE(session.has_value());
  CHECK(session->id == login->session.id);
  CHECK(session->created_at == login->session.created_at);
  CHECK(session->expires_at == login->session.expires_at);
}

TEST_CASE("a restart drops what died meanwhile") {
  Harness harness(short_lived());
  harness.add("anna");
  const auto login = harness.log_in("anna");
  harness.stop();
  harness.now += 1000;
  harness.start();
  CHECK(harness.accounts().sessions().empty());
  harness.drain();
  harness.stop();
  harness.now -= 1000;  // even a clock that was set back brings nothing back
  harness.start();
  CHECK(harness.accounts().by_secret(login->secret).has_error());
}

TEST_CASE("upkeep that cannot be written is told") {
  Harness harness(short_lived());
  harness.add("anna");
  (void)harness.log_in("anna");
  harness.execute("CREATE TRIGGER no BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END");
  harness.now += 1000;
  harness.accounts().expire(harness.now);
  harness.drain();
  CHECK(harness.errors.size() == 1);
  CHECK(harness.ended.size() == 1);
}
