#include "orchestrator/accounts/accounts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "orchestrator/accounts/rows.hpp"
#include "orchestrator/lib/sodium/random.hpp"
#include "orchestrator/lib/sodium/secret_hash.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/sessions.hpp"

namespace asio = boost::asio;

namespace carrel::accounts {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_characters = 43;
constexpr std::chrono::seconds seen_interval{60};

Error no_such_session() {
  return make_error(ErrorKind::not_found, "There is no such session; log in again.");
}

}  // namespace

/// What expire() found, written down without anybody waiting for it.
struct Accounts::Upkeep {
  std::vector<Ended> ended;
  std::vector<std::pair<std::string, std::int64_t>> seen;
  std::shared_ptr<std::vector<Ended>> unwritten;  ///< where `ended` goes when it cannot be written
};

Result<void> Accounts::write_upkeep(sqlite::Connection& db, const Upkeep& upkeep) {
  for (const auto& one : upkeep.ended) {
    auto deleted = store::delete_session(db, one.id);
    if (!deleted) return deleted;
    if (!one.event) continue;
    auto noted = store::append_event(db, *one.event);
    if (!noted) return noted;
  }
  for (const auto& [id, at] : upkeep.seen) {
    auto set = store::set_session_seen(db, id, at);
    if (!set) return set;
  }
  return {};
}

// Free of this object, which may be gone by then.
asio::awaitable<void> Accounts::keep_up(store::Store& store, Upkeep upkeep,
                                        std::function<void(const Error&)> on_error) {
  auto work = [&upkeep](sqlite::Connection& db) { return write_upkeep(db, upkeep); };
  auto written = co_await store.write(work);
  if (written) co_return;
  upkeep.unwritten->insert(upkeep.unwritten->end(), upkeep.ended.begin(), upkeep.ended.end());
  on_error(written.error());
}

Accounts::Accounts(store::Store& store, Options options, asio::any_io_executor executor)
    : store_(store),
      options_(std::move(options)),
      executor_(std::move(executor)),
      table_(SessionTable::Bounds{options_.idle, options_.max_sessions}),
      accounts_throttle_(options_.per_account),
      address_throttle_(options_.per_address),
      attempt_ended_(executor_),
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
    Session session{
        .id = row.session.id,
        .user_id = row.session.user_id,
        .user_name = row.user_name,
        .role = role_of(row.role),
        .created_at = row.session.created_at,
        .last_seen = row.session.last_seen,
        .expires_at = row.session.expires_at,
        .address = row.session.address,
        .limits = with_overrides(accounts->limits_of(role_of(row.role)), overrides_of(row.limits))};
    accounts->table_.add(std::move(session), row.session.secret_hash);
  }
  accounts->expire(now);
  co_return std::move(accounts);
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

asio::awaitable<Result<void>> Accounts::end_one(std::string session_id, EndReason reason,
                                                store::Event event) {
  const auto session = table_.remove(session_id);
  if (!session) co_return no_such_session();
  end(*session, reason);
  const Ended ended{session_id, event};
  auto record = [ended](sqlite::Connection& db) -> Result<void> {
    Upkeep upkeep;
    upkeep.ended.push_back(ended);
    return write_upkeep(db, upkeep);
  };
  auto recorded = co_await store_.write(record);
  if (!recorded) unwritten_->push_back(ended);
  co_return recorded;
}

asio::awaitable<Result<void>> Accounts::log_out(std::string session_id) {
  const Session* found = table_.find(session_id, options_.now());
  if (found == nullptr) co_return no_such_session();
  store::Event event{.at = options_.now(),
                     .actor = found->user_name,
                     .action = "logout",
                     .object = session_id,
                     .detail = {}};
  auto recorded = co_await end_one(session_id, EndReason::logout, event);
  if (!recorded) options_.on_error(recorded.error());
  co_return Result<void>();
}

asio::awaitable<Result<void>> Accounts::revoke(std::string session_id, std::string actor) {
  const Session* found = table_.find(session_id, options_.now());
  if (found == nullptr)
    co_return make_error(ErrorKind::not_found, "There is no such session; it may have ended.");
  store::Event event{.at = options_.now(),
                     .actor = actor,
                     .action = "session_revoked",
                     .object = session_id,
                     .detail = "of " + found->user_name};
  auto recorded = co_await end_one(session_id, EndReason::revoked, event);
  if (recorded) co_return recorded;
  auto error = recorded.error();
  error.message =
      "The session has ended, but could not be deleted from the database, so that a restart of the "
      "daemon would bring it back; this is tried again until it succeeds (" +
      error.message + ").";
  co_return error;
}

void Accounts::end_all_of(const std::string& user_id, EndReason reason) {
  for (const auto& id : table_.ids_of(user_id)) {
    const auto session = table_.remove(id);
    if (session) end(*session, reason);
  }
}

void Accounts::end(const Session& session, EndReason reason) {
  for (const auto& listener : listeners_) listener(session, reason);
}

void Accounts::expire(std::int64_t now) {
  Upkeep upkeep;
  const auto dead = table_.remove_dead(now);
  upkeep.unwritten = unwritten_;
  upkeep.ended = std::exchange(*unwritten_, {});
  for (const auto& [session, reason] : dead) upkeep.ended.push_back({session.id, std::nullopt});
  upkeep.seen = table_.take_unwritten(seen_interval);
  if (!upkeep.ended.empty() || !upkeep.seen.empty()) {
    asio::co_spawn(executor_, keep_up(store_, std::move(upkeep), options_.on_error), asio::detached);
  }
  for (const auto& [session, reason] : dead) end(session, reason);
}

}  // namespace carrel::accounts
