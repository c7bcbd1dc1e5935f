#include "orchestrator/accounts/accounts.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "orchestrator/accounts/credentials.hpp"
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
constexpr std::size_t secret_characters = 43;
constexpr std::chrono::seconds seen_interval{60};
constexpr std::chrono::seconds retry_when_full{2};
constexpr std::size_t max_address = 64;

std::string name_of(Role role) {
  return role == Role::admin ? "admin" : "viewer";
}
Role role_of(const std::string& name) {
  return name == "admin" ? Role::admin : Role::viewer;
}

Error no_such_session() {
  return make_error(ErrorKind::not_found, "There is no such session; log in again.");
}

/// What expire() found, written down without anybody waiting for it.
struct Upkeep {
  std::vector<std::string> ended;
  std::vector<std::pair<std::string, std::int64_t>> seen;
};

Result<void> write_upkeep(sqlite::Connection& db, const Upkeep& upkeep) {
  for (const auto& id : upkeep.ended) {
    auto deleted = store::delete_session(db, id);
    if (!deleted) return deleted;
  }
  for (const auto& [id, at] : upkeep.seen) {
    auto set = store::set_session_seen(db, id, at);
    if (!set) return set;
  }
  return {};
}

// Free of Accounts, which may be gone by then. What fails is made good by the next start, which drops the
// dead.
asio::awaitable<void> keep_up(store::Store& store, Upkeep upkeep,
                              std::function<void(const Error&)> on_error) {
  auto work = [upkeep = std::move(upkeep)](sqlite::Connection& db) { return write_upkeep(db, upkeep); };
  auto written = co_await store.write(work);
  if (!written) on_error(written.error());
}

}  // namespace

Accounts::Accounts(store::Store& store, Options options, asio::any_io_executor executor)
    : store_(store),
      options_(std::move(options)),
      executor_(std::move(executor)),
      table_(SessionTable::Limits{options_.idle, options_.max_sessions, options_.max_sessions_per_user}),
      accounts_throttle_(options_.per_account),
      address_throttle_(options_.per_address),
      hashing_(options_.hash_threads, options_.hash_queue) {}

asio::awaitable<Result<std::unique_ptr<Accounts>>> Accounts::open(store::Store& store, Options options) {
  auto executor = co_await asio::this_coro::executor;
  auto load = [](sqlite::Connection& db) { return store::load_sessions(db); };
  auto rows = co_await store.read(load);
  if (!rows) co_return rows.error();
  const std::int64_t now = options.now();
  const auto cost = options.hash_cost;
  std::unique_ptr<Accounts> accounts(new Accounts(store, std::move(options), executor));
  auto hash_it = [cost] { return sodium::hash_password(sodium::random_token(secret_bytes), cost); };
  auto dummy_hash = co_await offload(accounts->hashing_, hash_it);
  if (!dummy_hash) co_return dummy_hash.error();
  accounts->dummy_hash_ = *dummy_hash;
  for (auto& row : *rows) {
    Session session{.id = row.session.id,
                    .user_id = row.session.user_id,
                    .user_name = row.user_name,
                    .role = role_of(row.role),
                    .created_at = row.session.created_at,
                    .last_seen = row.session.last_seen,
                    .expires_at = row.session.expires_at,
                    .limits = accounts->limits_of(role_of(row.role))};
    accounts->table_.add(std::move(session), row.session.secret_hash);
  }
  accounts->expire(now);
  co_return std::move(accounts);
}

LoginError Accounts::refused(std::chrono::seconds retry_after, std::string message) const {
  LoginError error;
  error.kind = ErrorKind::busy;
  error.message = std::move(message);
  error.retry_after = retry_after;
  return error;
}

/// Writes the failure down; `known_name` is empty for a user who does not exist, because people type
/// passwords there.
asio::awaitable<LoginError> Accounts::reject(std::string known_name, std::string address) {
  store::Event event{
      .at = options_.now(), .actor = address, .action = "login_failed", .object = {}, .detail = {}};
  event.object = known_name.empty() ? "(unknown user)" : known_name;
  auto work = [event](sqlite::Connection& db) { return store::append_event(db, event); };
  auto written = co_await store_.write(work);
  if (!written) options_.on_error(written.error());
  LoginError error;
  error.kind = ErrorKind::forbidden;
  error.message = "The user name or the password is wrong.";
  co_return error;
}

asio::awaitable<LoginResult> Accounts::log_in(std::string username, std::string password, std::string address,
                                              std::string session_id) {
  if (!sodium::is_uuid(session_id)) co_return LoginError{{ErrorKind::invalid, "a session id is a UUID"}, {}};
  if (table_.contains(session_id))
    co_return LoginError{{ErrorKind::conflict, "this session id is taken"}, {}};
  address.resize(std::min(address.size(), max_address));

  const std::int64_t now = options_.now();
  const auto name = normalise_name(username);
  const std::string account = name.has_value() ? *name : std::string();
  const std::string source = address_key(address);
  const auto wait = std::max(accounts_throttle_.wait(account, now), address_throttle_.wait(source, now));
  if (wait.count() > 0) {
    co_return refused(wait, "Too many failed logins; try again in " + std::to_string(wait.count()) + " s.");
  }
  accounts_throttle_.attempt(account, now);
  address_throttle_.attempt(source, now);

  auto look_up = [account](sqlite::Connection& db) { return store::find_user(db, account); };
  auto user = co_await store_.read(look_up);
  if (!user) {
    // Nothing was tried, so nothing failed.
    accounts_throttle_.take_back(account);
    address_throttle_.take_back(source);
    co_return LoginError{user.error(), {}};
  }

  const std::string hash = user->has_value() ? (*user)->password_hash : dummy_hash_;
  auto verify = [check = options_.verify, hash, password]() -> Result<bool> { return check(hash, password); };
  auto matches = co_await offload(hashing_, verify);
  if (!matches) {
    accounts_throttle_.take_back(account);
    address_throttle_.take_back(source);
    if (matches.error().kind != ErrorKind::busy) co_return LoginError{matches.error(), {}};
    co_return refused(retry_when_full, "Many people are logging in right now; try again in a moment.");
  }
  if (!*matches || !user->has_value() || (*user)->disabled) {
    const std::string known_name = user->has_value() ? account : std::string();
    auto error = co_await reject(known_name, address);
    co_return error;
  }
  accounts_throttle_.clear(account);
  address_throttle_.take_back(source);
  if (!table_.has_room((*user)->id)) {
    co_return refused(seen_interval, "Too many sessions are open; log out elsewhere first.");
  }

  const std::int64_t begin = options_.now();
  Login login{.session = {.id = session_id,
                          .user_id = (*user)->id,
                          .user_name = (*user)->name,
                          .role = role_of((*user)->role),
                          .created_at = begin,
                          .last_seen = begin,
                          .expires_at = begin + options_.absolute.count(),
                          .limits = limits_of(role_of((*user)->role))},
              .secret = sodium::random_token(secret_bytes)};
  const store::SessionRow row{.id = session_id,
                              .user_id = (*user)->id,
                              .secret_hash = sodium::hash_secret(login.secret),
                              .created_at = begin,
                              .last_seen = begin,
                              .expires_at = login.session.expires_at};
  const store::Event event{
      .at = begin, .actor = account, .action = "login", .object = session_id, .detail = "from " + address};
  auto record = [row, event](sqlite::Connection& db) -> Result<void> {
    auto inserted = store::insert_session(db, row);
    if (!inserted) return inserted;
    return store::append_event(db, event);
  };
  auto recorded = co_await store_.write(record);
  if (!recorded) co_return LoginError{recorded.error(), {}};
  table_.add(login.session, row.secret_hash);
  co_return login;
}

Result<Session> Accounts::by_secret(std::string_view secret) {
  if (secret.size() != secret_characters) return no_such_session();
  const std::int64_t now = options_.now();
  const Session* found = table_.find_by_secret_hash(sodium::hash_secret(secret), now);
  if (found == nullptr) return no_such_session();
  table_.touch(found->id, now);
  return *found;
}

Result<Session> Accounts::by_id(std::string_view session_id) const {
  const Session* found = table_.find(std::string(session_id), options_.now());
  if (found == nullptr) return no_such_session();
  return *found;
}

void Accounts::touch(std::string_view session_id) {
  table_.touch(std::string(session_id), options_.now());
}

asio::awaitable<Result<void>> Accounts::log_out(std::string session_id) {
  const std::int64_t now = options_.now();
  const Session* found = table_.find(session_id, now);
  if (found == nullptr) co_return no_such_session();
  const store::Event event{
      .at = now, .actor = found->user_name, .action = "logout", .object = session_id, .detail = {}};
  auto record = [session_id, event](sqlite::Connection& db) -> Result<void> {
    auto deleted = store::delete_session(db, session_id);
    if (!deleted) return deleted;
    return store::append_event(db, event);
  };
  table_.set_ending(session_id, true);
  auto recorded = co_await store_.write(record);
  if (!recorded) {
    table_.set_ending(session_id, false);
    co_return recorded.error();
  }
  const auto session = table_.remove(session_id);
  if (session) end(*session, EndReason::logout);
  co_return Result<void>();
}

asio::awaitable<Result<User>> Accounts::add_user(std::string name, std::string password, Role role,
                                                 std::string actor) {
  auto normal = normalise_name(name);
  if (!normal) co_return normal.error();
  auto allowed = check_new_password(password);
  if (!allowed) co_return allowed.error();

  const auto cost = options_.hash_cost;
  auto hash_it = [password, cost] { return sodium::hash_password(password, cost); };
  auto hash = co_await offload(hashing_, hash_it);
  if (!hash) co_return hash.error();

  const std::int64_t now = options_.now();
  const store::UserRow row{.id = sodium::make_uuid_v7(),
                           .name = *normal,
                           .password_hash = *hash,
                           .role = name_of(role),
                           .disabled = false,
                           .created_at = now};
  const store::Event event{
      .at = now, .actor = actor, .action = "user_added", .object = row.name, .detail = "as " + row.role};
  auto record = [row, event](sqlite::Connection& db) -> Result<void> {
    auto inserted = store::insert_user(db, row);
    if (!inserted && inserted.error().kind == ErrorKind::conflict) {
      return make_error(ErrorKind::conflict, "There is already a user named " + row.name + ".");
    }
    if (!inserted) return inserted;
    return store::append_event(db, event);
  };
  auto recorded = co_await store_.write(record);
  if (!recorded) co_return recorded.error();
  User user{.id = row.id, .name = row.name, .role = role, .disabled = false};
  co_return user;
}

asio::awaitable<Result<bool>> Accounts::ensure_first_admin(std::string name, std::string password) {
  auto look = [](sqlite::Connection& db) { return store::has_admin(db); };
  auto exists = co_await store_.read(look);
  if (!exists) co_return exists.error();
  if (*exists) co_return false;
  auto added = co_await add_user(name, password, Role::admin, "carreld");
  if (!added) co_return added.error();
  co_return true;
}

void Accounts::end(const Session& session, EndReason reason) {
  for (const auto& listener : listeners_) listener(session, reason);
}

void Accounts::expire(std::int64_t now) {
  Upkeep upkeep;
  const auto dead = table_.remove_dead(now);
  for (const auto& [session, reason] : dead) upkeep.ended.push_back(session.id);
  upkeep.seen = table_.take_unwritten(seen_interval);
  if (!upkeep.ended.empty() || !upkeep.seen.empty()) {
    asio::co_spawn(executor_, keep_up(store_, std::move(upkeep), options_.on_error), asio::detached);
  }
  for (const auto& [session, reason] : dead) end(session, reason);
}

}  // namespace carrel::accounts
