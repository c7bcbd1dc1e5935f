#include <doctest/doctest.h>

#include <algorithm>

#include "harness.hpp"

using namespace carrel;
using namespace carrel::accounts;
using test::Harness;

namespace {

Result<User> change(Harness& harness, const std::string& name, const UserChange& what) {
  return harness.run(harness.accounts().change_user(name, what, "boss"));
}

}  // namespace

TEST_CASE("another password, another role and disabling end the user's sessions and nobody else's") {
  Harness harness;
  harness.add("boss", Role::admin);
  harness.add("anna");
  harness.add("ben");
  const auto ben = harness.log_in("ben");
  for (const auto& what : {UserChange{.password = Harness::password}, UserChange{.role = Role::admin},
                           UserChange{.role = Role::viewer}, UserChange{.disabled = true}}) {
    const auto anna = harness.log_in("anna");
    REQUIRE(anna.has_value());
    harness.ended.clear();
    CHECK(change(harness, "Anna", what).has_value());
    CHECK(harness.accounts().by_secret(anna->secret).has_error());
    REQUIRE(harness.ended.size() == 1);
    CHECK(harness.ended[0].first.id == anna->session.id);
    CHECK(harness.ended[0].second == EndReason::disabled);
  }
  CHECK(harness.log_in("anna").error().kind == ErrorKind::forbidden);
  CHECK(harness.accounts().by_secret(ben->secret).has_value());
  harness.restart();
  CHECK(harness.accounts().sessions().size() == 1);
}

TEST_CASE("what is as it was changes nothing and is no event") {
  Harness harness;
  harness.add("boss", Role::admin);
  const auto boss = harness.log_in("boss");
  const auto before = harness.events().size();
  CHECK(change(harness, "boss", {}).has_value());
  CHECK(change(harness, "boss", {.disabled = false, .role = Role::admin}).has_value());
  CHECK(harness.events().size() == before);
  CHECK(harness.accounts().by_secret(boss->secret).has_value());
}

TEST_CASE("the last administrator who is not disabled stays") {
  Harness harness;
  auto& accounts = harness.accounts();
  harness.add("boss", Role::admin);
  harness.add("other", Role::admin);
  CHECK(change(harness, "other", {.disabled = true}).has_value());
  const auto boss = harness.log_in("boss");
  CHECK(change(harness, "boss", {.disabled = true}).error().kind == ErrorKind::conflict);
  CHECK(change(harness, "boss", {.role = Role::viewer}).error().kind == ErrorKind::conflict);
  CHECK(harness.run(accounts.remove_user("boss", "boss")).error().kind == ErrorKind::conflict);
  CHECK(accounts.by_secret(boss->secret).has_value());
  CHECK(harness.run(accounts.user("boss"))->role == Role::admin);
  CHECK(harness.run(accounts.remove_user("other", "boss")).has_value());
}

TEST_CASE("two administrators who disable each other at once do not both succeed") {
  Harness harness;
  harness.add("boss", Role::admin);
  harness.add("other", Role::admin);
  std::optional<Result<User>> first;
  std::optional<Result<User>> second;
  const UserChange disable{.disabled = true};
  harness.begin(harness.accounts().change_user("boss", disable, "other"), first);
  harness.begin(harness.accounts().change_user("other", disable, "boss"), second);
  harness.drain();
  CHECK(first->has_value() != second->has_value());
}

TEST_CASE("a login that overtakes the disabling of its user does not stay") {
  Harness harness;
  harness.add("boss", Role::admin);
  harness.add("anna");
  std::vector<std::optional<LoginResult>> logins(8);
  std::optional<Result<User>> disabled;
  for (auto& login : logins) {
    harness.begin(harness.accounts().log_in("anna", Harness::password, "192.0.2.1", sodium::make_uuid_v7()),
                  login);
  }
  harness.begin(harness.accounts().change_user("anna", {.disabled = true}, "boss"), disabled);
  harness.drain();
  REQUIRE(disabled->has_value());
  CHECK(harness.accounts().sessions().empty());
  harness.restart();
  CHECK(harness.accounts().sessions().empty());
}

TEST_CASE("a deleted user is gone with the sessions, and the name is free") {
  Harness harness;
  harness.add("boss", Role::admin);
  const User old = harness.add("anna");
  const auto anna = harness.log_in("anna");
  CHECK(harness.run(harness.accounts().remove_user("anna", "boss")).has_value());
  CHECK(harness.accounts().by_secret(anna->secret).has_error());
  CHECK(harness.run(harness.accounts().remove_user("anna", "boss")).error().kind == ErrorKind::not_found);
  CHECK(harness.run(harness.accounts().user("anna")).error().kind == ErrorKind::not_found);
  CHECK(harness.add("anna").id != old.id);
  CHECK(harness.run(harness.accounts().users())->size() == 2);
}

TEST_CASE("limits are the role's with the user's own on top, on living sessions too") {
  Options options = test::cheap_options();
  options.viewer_limits.memory = 100U << 20;
  options.admin_limits.memory = 200U << 20;
  Harness harness(options);
  auto& accounts = harness.accounts();
  harness.add("boss", Role::admin);
  const User anna = harness.add("anna");
  std::vector<std::string> told;
  accounts.on_limits_changed([&told](const std::string& user) { told.push_back(user); });
  const auto login = harness.log_in("anna");
  CHECK(login->session.limits.memory == 100U << 20);

  UserChange more;
  more.limits.memory.emplace(64U << 20);
  more.limits.millicpus.emplace(1500U);
  CHECK(change(harness, "anna", more).has_value());
  const auto session = accounts.by_secret(login->secret);
  REQUIRE(session.has_value());
  CHECK(session->limits.memory == 64U << 20);
  CHECK(session->limits.cpus == doctest::Approx(1.5));
  CHECK(told == std::vector<std::string>{anna.id});
  CHECK(harness.events().at(0).detail == "memory=67108864, millicpus=1500");

  harness.restart();
  CHECK(harness.accounts().by_secret(login->secret)->limits.memory == 64U << 20);
  UserChange back;
  back.limits.memory.emplace(std::nullopt);
  CHECK(change(harness, "anna", back).has_value());
  CHECK(harness.accounts().by_secret(login->secret)->limits.memory == 100U << 20);

  UserChange wrong;
  wrong.limits.memory.emplace(1U);
  CHECK(change(harness, "anna", wrong).error().kind == ErrorKind::invalid);
  CHECK(harness.accounts().by_secret(login->secret)->limits.memory == 100U << 20);
}

TEST_CASE("a change that cannot be written is an error and changes nothing") {
  Harness harness;
  harness.add("boss", Role::admin);
  harness.add("anna");
  const auto anna = harness.log_in("anna");
  harness.execute("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END");
  CHECK(change(harness, "anna", {.disabled = true}).has_error());
  CHECK(harness.accounts().by_secret(anna->secret).has_value());
  CHECK_FALSE(harness.run(harness.accounts().user("anna"))->disabled);
}

TEST_CASE("a revoked session that cannot be deleted has ended, and the administrator is told") {
  Harness harness;
  harness.add("anna");
  const auto anna = harness.log_in("anna");
  harness.execute("CREATE TRIGGER no BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END");
  const auto revoked = harness.run(harness.accounts().revoke(anna->session.id, "boss"));
  CHECK(revoked.error().message.starts_with("The session has ended"));
  CHECK(harness.accounts().by_secret(anna->secret).has_error());
  REQUIRE(harness.ended.size() == 1);
  CHECK(harness.ended[0].second == EndReason::revoked);
  harness.execute("DROP TRIGGER no");
  harness.accounts().expire(harness.now);
  harness.drain();
  CHECK(harness.events().at(0).action == "session_revoked");
  CHECK(harness.events().at(0).actor == "boss");
}
