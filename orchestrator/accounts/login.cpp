#include <algorithm>
#include <optional>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/credentials.hpp"
#include "orchestrator/accounts/rows.hpp"
#include "orchestrator/lib/sodium/random.hpp"
#include "orchestrator/lib/sodium/secret_hash.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/sessions.hpp"
#include "orchestrator/store/users.hpp"

namespace asio = boost::asio;

namespace carrel::accounts {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::chrono::seconds retry_when_busy{2};
constexpr std::chrono::seconds retry_when_full{60};
constexpr std::chrono::seconds patience{20};
constexpr std::size_t max_address = 64;
constexpr const char* unknown_user = "(unknown user)";

LoginError refused(std::chrono::seconds retry_after, std::string message) {
  LoginError error;
  error.kind = ErrorKind::busy;
  error.message = std::move(message);
  error.retry_after = retry_after;
  return error;
}

LoginError too_busy() {
  return refused(retry_when_busy, "Many people are logging in right now; try again in a moment.");
}

LoginError wrong_credentials() {
  LoginError error;
  error.kind = ErrorKind::forbidden;
  error.message = "The user name or the password is wrong.";
  return error;
}

/// Whether nothing happened to the user since the password was compared.
Result<bool> is_unchanged(sqlite::Connection& db, const store::UserRow& seen) {
  auto now = store::find_user(db, seen.name);
  if (!now) return now.error();
  return now->has_value() && (*now)->id == seen.id && (*now)->password_hash == seen.password_hash &&
         (*now)->role == seen.role && !(*now)->disabled;
}

}  // namespace

asio::awaitable<std::optional<LoginError>> Accounts::take_turn(std::string account, std::string source) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const std::int64_t now = options_.now();
    const auto wait = std::max(accounts_throttle_.wait(account, now), address_throttle_.wait(source, now));
    if (wait.count() > 0) {
      co_return refused(wait, "Too many failed logins; try again in " + std::to_string(wait.count()) + " s.");
    }
    if (accounts_throttle_.has_turn(account) && address_throttle_.has_turn(source)) {
      accounts_throttle_.begin(account, now);
      address_throttle_.begin(source, now);
      co_return std::nullopt;
    }
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (late || attempt_ended_.waiting() >= options_.hash_queue) co_return too_busy();
    co_await attempt_ended_.wait_until(deadline);
  }
}

void Accounts::end_attempt(const std::string& account, const std::string& source,
                           void (Throttle::*how)(const std::string&)) {
  (accounts_throttle_.*how)(account);
  // One right password does not wash an address clean that tries many accounts.
  address_throttle_.abandoned(source);
  attempt_ended_.ring();
}

/// Once after each failure: strangers can be refused as often as they like.
asio::awaitable<void> Accounts::note_throttled(std::string account, std::string address) {
  const bool account_news = accounts_throttle_.is_news(account);
  const bool address_news = address_throttle_.is_news(address_key(address));
  if (!account_news && !address_news) co_return;
  store::Event event{.at = options_.now(),
                     .actor = address,
                     .action = "login_throttled",
                     .object = unknown_user,
                     .detail = {}};
  auto work = [event, account](sqlite::Connection& db) mutable -> Result<void> {
    auto user = store::find_user(db, account);
    if (!user) return user.error();
    if (user->has_value()) event.object = account;
    return store::append_event(db, event);
  };
  auto written = co_await store_.write(work);
  if (!written) options_.on_error(written.error());
}

/// Writes the failure down; `known_name` is empty for a user who does not exist, because people type
/// passwords there.
asio::awaitable<LoginError> Accounts::reject(std::string known_name, std::string address) {
  store::Event event{
      .at = options_.now(), .actor = address, .action = "login_failed", .object = {}, .detail = {}};
  event.object = known_name.empty() ? unknown_user : known_name;
  auto work = [event](sqlite::Connection& db) { return store::append_event(db, event); };
  auto written = co_await store_.write(work);
  if (!written) options_.on_error(written.error());
  co_return wrong_credentials();
}

asio::awaitable<LoginResult> Accounts::log_in(std::string username, std::string password, std::string address,
                                              std::string session_id) {
  if (!sodium::is_uuid(session_id)) co_return LoginError{{ErrorKind::invalid, "a session id is a UUID"}};
  if (table_.contains(session_id)) co_return LoginError{{ErrorKind::conflict, "this session id is taken"}};
  address.resize(std::min(address.size(), max_address));
  const auto name = normalise_name(username);
  const std::string account = name.has_value() ? *name : std::string();
  const std::string source = address_key(address);

  auto refusal = co_await take_turn(account, source);
  if (refusal) {
    co_await note_throttled(account, address);
    co_return std::move(*refusal);
  }

  auto look_up = [account](sqlite::Connection& db) { return store::find_user(db, account); };
  auto user = co_await store_.read(look_up);
  if (!user) {
    // Nothing was tried, so nothing failed.
    end_attempt(account, source, &Throttle::abandoned);
    co_return LoginError{user.error()};
  }

  const std::string hash = user->has_value() ? (*user)->password_hash : dummy_hash_;
  auto verify = [check = options_.verify, hash, password]() -> Result<bool> { return check(hash, password); };
  auto matches = co_await offload(hashing_, verify);
  if (!matches) {
    end_attempt(account, source, &Throttle::abandoned);
    if (matches.error().kind != ErrorKind::busy) co_return LoginError{matches.error()};
    co_return too_busy();
  }
  if (!*matches || !user->has_value() || (*user)->disabled) {
    accounts_throttle_.failed(account, options_.now());
    address_throttle_.failed(source, options_.now());
    attempt_ended_.ring();
    const std::string known_name = user->has_value() ? account : std::string();
    auto error = co_await reject(known_name, address);
    co_return error;
  }
  end_attempt(account, source, &Throttle::succeeded);
  auto opened = co_await open_session(**user, address, session_id);
  co_return opened;
}

asio::awaitable<LoginResult> Accounts::open_session(store::UserRow user, std::string address,
                                                    std::string session_id) {
  const Limits limits = effective_limits(user_of(user));
  if (table_.is_full()) {
    co_return refused(retry_when_full, "Too many sessions are open on this server; try again later.");
  }
  std::string replaced;
  if (table_.count_of(user.id) >= limits.sessions) {
    const Session* oldest = options_.replace_oldest ? table_.least_used_of(user.id) : nullptr;
    if (oldest == nullptr) {
      auto error = refused(retry_when_full, "You are logged in " + std::to_string(limits.sessions) +
                                                " times, which is as often as you may. Log out somewhere, "
                                                "or ask an administrator to end a session.");
      error.too_many_sessions = true;
      co_return error;
    }
    replaced = oldest->id;
    table_.set_ending(replaced, true);
  }
  table_.reserve(session_id, user.id);

  const std::int64_t begin = options_.now();
  Login login{.session = {.id = session_id,
                          .user_id = user.id,
                          .user_name = user.name,
                          .role = role_of(user.role),
                          .created_at = begin,
                          .last_seen = begin,
                          .expires_at = begin + options_.absolute.count(),
                          .address = address,
                          .limits = limits},
              .secret = sodium::random_token(secret_bytes)};
  const store::SessionRow row{.id = session_id,
                              .user_id = user.id,
                              .secret_hash = sodium::hash_secret(login.secret),
                              .created_at = begin,
                              .last_seen = begin,
                              .expires_at = login.session.expires_at,
                              .address = address};
  const store::Event event{
      .at = begin, .actor = user.name, .action = "login", .object = session_id, .detail = "from " + address};
  const store::Event replacement{.at = begin,
                                 .actor = user.name,
                                 .action = "session_replaced",
                                 .object = replaced,
                                 .detail = "by " + session_id};
  auto record = [row, event, replacement, user](sqlite::Connection& db) -> Result<bool> {
    auto same = is_unchanged(db, user);
    if (!same || !*same) return same;
    auto inserted = store::insert_session(db, row);
    if (!inserted) return inserted.error();
    auto appended = store::append_event(db, event);
    if (!appended) return appended.error();
    if (replacement.object.empty()) return true;
    auto deleted = store::delete_session(db, replacement.object);
    if (!deleted) return deleted.error();
    auto noted = store::append_event(db, replacement);
    if (!noted) return noted.error();
    return true;
  };
  auto recorded = co_await store_.write(record);
  table_.release(session_id);
  if (!recorded || !*recorded) {
    table_.set_ending(replaced, false);
    if (!recorded) co_return LoginError{recorded.error()};
    co_return wrong_credentials();
  }
  // What became of the user meanwhile ends the session after it is in the table: writes are in order.
  table_.add(login.session, row.secret_hash);
  const auto gone = table_.remove(replaced);
  if (gone) end(*gone, EndReason::replaced);
  co_return login;
}

}  // namespace carrel::accounts
