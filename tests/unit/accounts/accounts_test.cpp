#include "orchestrator/accounts/accounts.hpp"

#include <doctest/doctest.h>

#include "harness.hpp"
#include "orchestrator/accounts/credentials.hpp"

using namespace carrel;
using namespace carrel::accounts;
using test::Harness;

TEST_CASE("users have unique names in one form") {
  Harness harness;
  CHECK(harness.add("Anna.B@example-1").name == "anna.b@example-1");
  auto& accounts = harness.accounts();
  CHECK(harness.run(accounts.add_user("ANNA.B@EXAMPLE-1", Harness::password, Role::viewer)).error().kind ==
        ErrorKind::conflict);
  const auto events = harness.events();
  CHECK(events.size() == 1);
  CHECK(events.at(0).action == "user_added");
  CHECK(events.at(0).object == "anna.b@example-1");
}

TEST_CASE("names and passwords that are not allowed are refused with the reason") {
  Harness harness;
  auto& accounts = harness.accounts();
  for (const std::string name : {"", "a b", "a'; DROP TABLE users; --", "über", "a/b"}) {
    CAPTURE(name);
    CHECK(harness.run(accounts.add_user(name, Harness::password, Role::viewer)).error().kind ==
          ErrorKind::invalid);
  }
  const auto short_one = harness.run(accounts.add_user("anna", "123456789", Role::viewer));
  CHECK(short_one.error().message == "A password needs at least 10 characters; this one has 9.");
  CHECK(harness.run(accounts.add_user("anna", std::string(257, 'x'), Role::viewer)).has_error());
  CHECK(harness.run(accounts.add_user("anna", std::string(256, 'x'), Role::viewer)).has_value());
}

TEST_CASE("the first administrator is made once") {
  Harness harness;
  auto& accounts = harness.accounts();
  harness.add("viewer");
  CHECK(harness.run(accounts.ensure_first_admin("admin", "short")).error().kind == ErrorKind::invalid);
  CHECK(harness.run(accounts.ensure_first_admin("admin", Harness::password)).value());
  CHECK_FALSE(harness.run(accounts.ensure_first_admin("admin", "another password")).value());
  CHECK_FALSE(harness.run(accounts.ensure_first_admin("other", "")).value());
  CHECK(harness.log_in("admin")->session.role == Role::admin);
}

TEST_CASE("a logout ends one session for good") {
  Harness harness;
  harness.add("anna");
  const auto first = harness.log_in("anna");
  const auto second = harness.log_in("anna");
  auto& accounts = harness.accounts();
  CHECK(harness.run(accounts.log_out(first->session.id)).has_value());
  CHECK(harness.run(accounts.log_out(first->session.id)).error().kind == ErrorKind::not_found);
  CHECK(accounts.by_secret(first->secret).error().kind == ErrorKind::not_found);
  CHECK(accounts.by_secret(second->secret).has_value());
  REQUIRE(harness.ended.size() == 1);
  CHECK(harness.ended[0].first.id == first->session.id);
  CHECK(harness.ended[0].second == EndReason::logout);
  CHECK(harness.events().at(0).action == "logout");
  harness.restart();
  CHECK(harness.accounts().by_secret(first->secret).has_error());
  CHECK(harness.accounts().by_secret(second->secret).has_value());
}

TEST_CASE("a logout hides the session at once") {
  Harness harness;
  harness.add("anna");
  const auto login = harness.log_in("anna");
  std::optional<Result<void>> first;
  std::optional<Result<void>> second;
  harness.begin(harness.accounts().log_out(login->session.id), first);
  harness.begin(harness.accounts().log_out(login->session.id), second);
  harness.drain();
  CHECK(first->has_value());
  CHECK(second->error().kind == ErrorKind::not_found);
  CHECK(harness.ended.size() == 1);
}

TEST_CASE("a logout that cannot be written ends the session all the same, and is written later") {
  Harness harness;
  harness.add("anna");
  const auto login = harness.log_in("anna");
  harness.execute("CREATE TRIGGER no BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END");
  CHECK(harness.run(harness.accounts().log_out(login->session.id)).has_value());
  CHECK(harness.errors.size() == 1);
  CHECK(harness.accounts().by_secret(login->secret).has_error());
  CHECK(harness.ended.size() == 1);
  harness.accounts().expire(harness.now);
  harness.drain();
  CHECK(harness.errors.size() == 2);
  harness.execute("DROP TRIGGER no");
  CHECK(harness.accounts().by_secret(login->secret).has_error());
  harness.accounts().expire(harness.now);
  harness.drain();
  CHECK(harness.errors.size() == 2);
  CHECK(harness.events().at(0).action == "logout");
  harness.restart();
  CHECK(harness.accounts().by_secret(login->secret).has_error());
}

TEST_CASE("a secret that was not issued finds nothing") {
  Harness harness;
  harness.add("anna");
  auto login = harness.log_in("anna");
  for (const std::string& secret : {std::string(), login->secret + "A", login->secret.substr(1),
                                    std::string(43, 'A'), login->session.id}) {
    CHECK(harness.accounts().by_secret(secret).error().kind == ErrorKind::not_found);
  }
  login->secret.back() = login->secret.back() == 'A' ? 'E' : 'A';
  CHECK(harness.accounts().by_secret(login->secret).has_error());
}
