#include "orchestrator/accounts/session_table.hpp"

#include <doctest/doctest.h>

#include "orchestrator/lib/sodium/secret_hash.hpp"

using namespace carrel::accounts;
using carrel::sodium::hash_secret;

namespace {

SessionTable table() {
  return SessionTable({.idle = std::chrono::seconds(100), .total = 3});
}

Session session(std::string id, std::string user, std::int64_t at = 0) {
  return Session{.id = std::move(id),
                 .user_id = std::move(user),
                 .user_name = "n",
                 .role = Role::viewer,
                 .created_at = at,
                 .last_seen = at,
                 .expires_at = at + 1000};
}

}  // namespace

TEST_CASE("sessions are counted with those about to be added and without those that end") {
  auto t = table();
  t.add(session("a", "u1", 5), hash_secret("a"));
  t.add(session("b", "u1", 3), hash_secret("b"));
  CHECK(t.count_of("u1") == 2);
  CHECK(t.least_used_of("u1")->id == "b");
  CHECK_FALSE(t.is_full());
  t.reserve("c", "u1");
  CHECK(t.count_of("u1") == 3);
  CHECK(t.contains("c"));
  CHECK(t.is_full());
  t.set_ending("b", true);
  CHECK(t.count_of("u1") == 2);
  CHECK(t.least_used_of("u1")->id == "a");
  t.release("c");
  CHECK(t.count_of("u1") == 1);
  CHECK(t.ids_of("u2").empty());
  CHECK(t.least_used_of("u2") == nullptr);
}

TEST_CASE("a hash that agrees in the part that is looked up is compared as a whole") {
  auto t = table();
  auto hash = hash_secret("a");
  t.add(session("a", "u1"), hash);
  CHECK(t.find_by_secret_hash(hash, 1) != nullptr);
  hash.back() = hash.back() == 'A' ? 'B' : 'A';
  CHECK(t.find_by_secret_hash(hash, 1) == nullptr);
}

TEST_CASE("use is written when it moved far enough, once") {
  auto t = table();
  t.add(session("a", "u1"), hash_secret("a"));
  t.touch("a", 59);
  CHECK(t.take_unwritten(std::chrono::seconds(60)).empty());
  t.touch("a", 60);
  t.touch("a", 40);  // a clock that was set back does not make it older
  const auto unwritten = t.take_unwritten(std::chrono::seconds(60));
  REQUIRE(unwritten.size() == 1);
  CHECK(unwritten[0].second == 60);
  CHECK(t.take_unwritten(std::chrono::seconds(60)).empty());
}

TEST_CASE("one that is ending is hidden everywhere") {
  auto t = table();
  t.add(session("a", "u1"), hash_secret("a"));
  t.set_ending("a", true);
  CHECK(t.find("a", 1) == nullptr);
  CHECK(t.find_by_secret_hash(hash_secret("a"), 1) == nullptr);
  CHECK(t.all().empty());
  CHECK(t.remove_dead(5000).empty());
  t.set_ending("a", false);
  CHECK(t.find("a", 1) != nullptr);
  CHECK(t.remove_dead(5000).size() == 1);
  CHECK_FALSE(t.remove("a"));
  CHECK(t.find_by_secret_hash(hash_secret("a"), 1) == nullptr);
}
