#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>

#include "harness.hpp"

using namespace carrel;
using namespace carrel::accounts;
using test::Harness;

namespace {

std::string everything_in(const std::filesystem::path& directory) {
  std::ostringstream content;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return content.str();
}

}  // namespace

TEST_CASE("a login makes a session that its secret finds") {
  Harness harness;
  const User anna = harness.add("Anna", Role::admin);
  const std::string id = sodium::make_uuid_v7();
  const auto login = harness.run(harness.accounts().log_in("aNNa", Harness::password, "192.0.2.1", id));
  REQUIRE(login.has_value());
  CHECK(login->session.id == id);
  CHECK(login->session.user_id == anna.id);
  CHECK(login->session.user_name == "anna");
  CHECK(login->session.role == Role::admin);
  CHECK(login->session.created_at == harness.now);
  CHECK(login->secret.size() == 43);
  CHECK(harness.accounts().by_secret(login->secret)->id == id);
  CHECK(harness.accounts().by_id(id)->user_name == "anna");
  CHECK(harness.accounts().sessions().size() == 1);
  const auto events = harness.events();
  CHECK(events.at(0).action == "login");
  CHECK(events.at(0).actor == "anna");
  CHECK(events.at(0).object == id);
}

TEST_CASE("neither the secret nor the password is kept anywhere") {
  Harness harness;
  harness.add("anna");
  const auto login = harness.log_in("anna");
  const std::string kept = everything_in(harness.directory());
  CHECK(kept.find("anna") != std::string::npos);
  CHECK(kept.find(login->secret) == std::string::npos);
  CHECK(kept.find(Harness::password) == std::string::npos);
}

TEST_CASE("every way to be wrong has one answer") {
  Harness harness;
  harness.add("anna");
  harness.add("dora");
  harness.execute("UPDATE users SET disabled = 1 WHERE name = 'dora'");
  const std::vector<std::pair<std::string, std::string>> wrong{{"anna", "wrong"},
                                                               {"anna", ""},
                                                               {"nobody", Harness::password},
                                                               {"dora", Harness::password},
                                                               {"", ""},
                                                               {"a b", "x"},
                                                               {"' OR '1'='1", "' OR '1'='1"},
                                                               {"anna'--", Harness::password},
                                                               {"anna\n", "x"},
                                                               {std::string("anna\0", 5), Harness::password},
                                                               {std::string(100000, 'a'), "x"},
                                                               {"\xff\xfe", "x"}};
  int host = 0;
  for (const auto& [name, password] : wrong) {
    CAPTURE(name);
    harness.now += 3600;
    const auto refused = harness.log_in(name, password, "192.0.2." + std::to_string(++host));
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == ErrorKind::forbidden);
    CHECK(refused.error().message == "The user name or the password is wrong.");
    CHECK(refused.error().retry_after.count() == 0);
  }
  CHECK(harness.accounts().sessions().empty());
}

TEST_CASE("failures are in the audit trail, unknown names are not") {
  Harness harness;
  harness.add("anna");
  (void)harness.log_in("anna", "wrong");
  (void)harness.log_in("my-secret-password", "anna");
  const auto events = harness.events();
  CHECK(events.at(0).action == "login_failed");
  CHECK(events.at(0).object == "(unknown user)");
  CHECK(events.at(0).actor == "192.0.2.1");
  CHECK(events.at(1).object == "anna");
  CHECK(everything_in(harness.directory()).find("my-secret-password") == std::string::npos);
}

TEST_CASE("an unknown user costs what a wrong password costs: one hash of the same parameters") {
  Options options = test::cheap_options();
  std::mutex mutex;
  std::vector<std::string> costs;
  options.verify = [&](const std::string& hash, const std::string& password) {
    const std::lock_guard lock(mutex);
    costs.push_back(hash.substr(0, hash.find('$', hash.find("t="))));
    return sodium::verify_password(hash, password);
  };
  Harness harness(options);
  harness.add("anna");
  (void)harness.log_in("anna", "wrong");
  (void)harness.log_in("nobody", "wrong");
  (void)harness.log_in("not a name", "wrong");
  CHECK(costs == std::vector<std::string>(3, "$argon2id$v=19$m=8,t=1,p=1"));
}

TEST_CASE("an account that fails is slowed, for the right password too, whatever the address") {
  Harness harness;
  harness.add("anna");
  int host = 0;
  const auto attempt = [&](const std::string& password) {
    return harness.log_in("anna", password, "192.0.2." + std::to_string(++host));
  };
  for (int i = 0; i < 6; ++i) CHECK(attempt("wrong").error().kind == ErrorKind::forbidden);
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    CAPTURE(wait);
    const auto refused = attempt(Harness::password);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == ErrorKind::busy);
    CHECK(refused.error().retry_after.count() == wait);
    harness.now += wait;
    CHECK(attempt("wrong").error().kind == ErrorKind::forbidden);
  }
  harness.now += 60;
  CHECK(attempt(Harness::password).has_value());
  CHECK(attempt("wrong").error().kind == ErrorKind::forbidden);
  CHECK(attempt(Harness::password).has_value());
}

TEST_CASE("an address that fails is slowed, whatever the account, and a success does not wash it clean") {
  Harness harness;
  harness.add("anna");
  for (int i = 0; i < 21; ++i) {
    const std::string guess = "user" + std::to_string(i);
    CHECK(harness.log_in(guess, "wrong", "2001:db8::" + std::to_string(i + 1)).error().kind ==
          ErrorKind::forbidden);
    if (i == 10) CHECK(harness.log_in("anna", Harness::password, "2001:db8::99").has_value());
  }
  CHECK(harness.log_in("anna", Harness::password, "2001:db8::1").error().kind == ErrorKind::busy);
  CHECK(harness.log_in("anna", Harness::password, "2001:db8:0:1::1").has_value());
}

TEST_CASE("hashing is bounded; what is refused for that is nobody's failure") {
  constexpr int threads = 2;
  constexpr int queue = 3;
  constexpr int logins = 12;
  Options options = test::cheap_options();
  options.hash_threads = threads;
  options.hash_queue = queue;
  options.per_account.free_failures = logins;
  std::promise<void> gate;
  boost::asio::any_io_executor loop;
  bool all_busy = false;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  options.verify = [&, open = gate.get_future().share()](const std::string&, const std::string&) {
    const int now = ++running;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    if (now == threads) boost::asio::post(loop, [&] { all_busy = true; });
    open.wait();
    --running;
    return true;
  };
  Harness harness(options);
  harness.add("anna");
  loop = harness.executor();
  std::vector<std::optional<LoginResult>> results(logins);
  const auto begin = [&](std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      harness.begin(harness.accounts().log_in("anna", Harness::password, "192.0.2.1", sodium::make_uuid_v7()),
                    results[i]);
    }
  };
  // A thread that has just made the user's hash may not count as free yet: all are to be taken first.
  begin(0, threads);
  harness.run_until([&] { return all_busy; });
  begin(threads, logins);
  harness.run_until([&] {
    const auto answered =
        std::ranges::count_if(results, [](const auto& result) { return result.has_value(); });
    return answered == logins - threads - queue;
  });
  for (const auto& result : results) {
    if (!result) continue;
    CHECK(result->error().kind == ErrorKind::busy);
    CHECK(result->error().retry_after.count() > 0);
  }
  gate.set_value();
  harness.drain();
  CHECK(std::ranges::count_if(results, [](const auto& result) { return result->has_value(); }) ==
        threads + queue);
  CHECK(most == threads);
}

TEST_CASE("guesses sent at once are counted before any is answered") {
  Harness harness;
  harness.add("anna");
  std::vector<std::optional<LoginResult>> results(30);
  for (auto& result : results) {
    harness.begin(harness.accounts().log_in("anna", "wrong", "192.0.2.1", sodium::make_uuid_v7()), result);
  }
  harness.drain();
  CHECK(std::ranges::count_if(results,
                              [](const auto& r) { return r->error().kind == ErrorKind::forbidden; }) == 6);
}

TEST_CASE("right logins of one user at once are not slowed, however many") {
  Harness harness;
  harness.add("anna");
  std::vector<std::optional<LoginResult>> results(30);
  for (auto& result : results) {
    harness.begin(harness.accounts().log_in("anna", Harness::password, "192.0.2.1", sodium::make_uuid_v7()),
                  result);
  }
  harness.drain();
  CHECK(std::ranges::count_if(results, [](const auto& r) { return r->has_value(); }) == 30);
}

TEST_CASE("logins at once cannot pass the bound of sessions together") {
  Options options = test::cheap_options();
  options.viewer_limits.sessions = 4;
  Harness harness(options);
  harness.add("anna");
  std::vector<std::optional<LoginResult>> results(12);
  for (auto& result : results) {
    harness.begin(harness.accounts().log_in("anna", Harness::password, "192.0.2.1", sodium::make_uuid_v7()),
                  result);
  }
  harness.drain();
  CHECK(std::ranges::count_if(results, [](const auto& r) { return r->has_value(); }) == 4);
  CHECK(harness.accounts().sessions().size() == 4);
}

TEST_CASE("where the newest may replace the oldest, the session used longest ago ends") {
  Options options = test::cheap_options();
  options.viewer_limits.sessions = 2;
  options.replace_oldest = true;
  Harness harness(options);
  harness.add("anna");
  const auto first = harness.log_in("anna");
  const auto second = harness.log_in("anna");
  harness.now += 10;
  harness.accounts().touch(first->session.id);
  const auto third = harness.log_in("anna");
  REQUIRE(third.has_value());
  CHECK(harness.accounts().by_secret(first->secret).has_value());
  CHECK(harness.accounts().by_secret(second->secret).has_error());
  REQUIRE(harness.ended.size() == 1);
  CHECK(harness.ended[0].second == EndReason::replaced);
  harness.restart();
  CHECK(harness.accounts().sessions().size() == 2);
  CHECK(harness.accounts().by_secret(second->secret).has_error());
}

TEST_CASE("being slowed is in the audit trail, once for each failure") {
  Harness harness;
  harness.add("anna");
  for (int i = 0; i < 6; ++i) (void)harness.log_in("anna", "wrong");
  for (int i = 0; i < 5; ++i) CHECK(harness.log_in("anna").error().kind == ErrorKind::busy);
  const auto events = harness.events();
  CHECK(std::ranges::count(events, "login_throttled", &store::Event::action) == 1);
  CHECK(events.at(0).action == "login_throttled");
  CHECK(events.at(0).object == "anna");
  CHECK(events.at(0).actor == "192.0.2.1");
}

TEST_CASE("a session id must be new and a UUID") {
  Harness harness;
  harness.add("anna");
  const auto login = harness.log_in("anna");
  auto& accounts = harness.accounts();
  CHECK(harness.run(accounts.log_in("anna", Harness::password, "::1", "../etc")).error().kind ==
        ErrorKind::invalid);
  CHECK(harness.run(accounts.log_in("anna", Harness::password, "::1", login->session.id)).error().kind ==
        ErrorKind::conflict);
}

TEST_CASE("sessions are bounded, per user and in total") {
  Options options = test::cheap_options();
  options.max_sessions = 3;
  options.viewer_limits.sessions = 2;
  Harness harness(options);
  harness.add("anna");
  harness.add("ben");
  CHECK(harness.log_in("anna").has_value());
  CHECK(harness.log_in("anna").has_value());
  const auto refused = harness.log_in("anna");
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(refused.error().too_many_sessions);
  CHECK(harness.log_in("ben").has_value());
  CHECK(harness.log_in("ben").error().kind == ErrorKind::busy);
}
