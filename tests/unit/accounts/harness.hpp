#pragma once

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/store/audit.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::accounts::test {

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> operation, std::optional<T>& result) {
  auto r = co_await std::move(operation);
  result.emplace(std::move(r));
}

inline Options cheap_options() {
  Options options;
  options.hash_cost = {.passes = 1, .memory_bytes = 8192};
  return options;
}

/// Accounts over a store in a temporary directory, with a clock that stands still until the test moves it.
class Harness {
 public:
  explicit Harness(Options options = cheap_options()) : options_(std::move(options)) {
    options_.now = [this] { return now; };
    options_.on_error = [this](const Error& error) { errors.push_back(error.message); };
    start();
  }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;
  ~Harness() { stop(); }

  void start() {
    auto opened = store::Store::open(directory());
    store_ = std::move(opened.value());
    auto accounts = run(Accounts::open(*store_, options_));
    accounts_ = std::move(accounts.value());
    accounts_->on_end(
        [this](const Session& session, EndReason reason) { ended.emplace_back(session, reason); });
  }
  void stop() {
    accounts_.reset();
    store_.reset();
  }
  void restart() {
    stop();
    start();
  }

  /// Runs the loop until nothing is left to do.
  void drain() {
    io_.restart();
    io_.run();
  }
  /// Runs the loop until `done()`, which must become true while there is something to do.
  template <class Done>
  void run_until(Done done) {
    io_.restart();
    while (!done()) REQUIRE(io_.run_one_for(std::chrono::seconds(30)) == 1);
  }
  template <class T>
  void begin(boost::asio::awaitable<T> operation, std::optional<T>& result) {
    boost::asio::co_spawn(io_, keep(std::move(operation), result), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
  }
  template <class T>
  T run(boost::asio::awaitable<T> operation) {
    std::optional<T> result;
    begin(std::move(operation), result);
    drain();
    REQUIRE(result.has_value());
    return std::move(*result);
  }

  [[nodiscard]] Accounts& accounts() { return *accounts_; }
  [[nodiscard]] boost::asio::any_io_executor executor() { return io_.get_executor(); }
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  User add(const std::string& name, Role role = Role::viewer) {
    return run(accounts().add_user(name, password, role)).value();
  }
  LoginResult log_in(const std::string& name, const std::string& with_password = password,
                     const std::string& address = "192.0.2.1") {
    return run(accounts().log_in(name, with_password, address, sodium::make_uuid_v7()));
  }
  std::vector<store::Event> events() {
    auto work = [](sqlite::Connection& db) { return store::find_events(db, {.limit = 100}); };
    return run(store().read(work)).value();
  }
  /// Runs a script as another program would.
  void execute(const std::string& sql) {
    auto db = sqlite::Connection::open(directory() / "carrel.db", sqlite::Access::read_write);
    REQUIRE(db.has_value());
    REQUIRE(db->execute(sql).has_value());
  }

  static inline const std::string password = "correct horse battery";
  std::int64_t now = 1'000'000;
  std::vector<std::pair<Session, EndReason>> ended;
  std::vector<std::string> errors;

 private:
  Options options_;
  carrel::support::TemporaryDirectory directory_;
  boost::asio::io_context io_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Accounts> accounts_;
};

}  // namespace carrel::accounts::test
