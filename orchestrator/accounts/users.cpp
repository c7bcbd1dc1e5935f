#include <utility>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/credentials.hpp"
#include "orchestrator/accounts/rows.hpp"
#include "orchestrator/accounts/user_change.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/sessions.hpp"
#include "orchestrator/store/users.hpp"

namespace asio = boost::asio;

namespace carrel::accounts {
namespace {

Error no_such_user() {
  return make_error(ErrorKind::not_found, "There is no user of this name.");
}

Result<store::UserRow> existing_user(sqlite::Connection& db, const std::string& name) {
  auto found = store::find_user(db, name);
  if (!found) return found.error();
  if (!found->has_value()) return no_such_user();
  return std::move(**found);
}

/// Asked inside the transaction, after the change.
Result<void> check_admin_left(sqlite::Connection& db, const std::string& name) {
  auto left = store::has_enabled_admin(db);
  if (!left) return left.error();
  if (*left) return {};
  return make_error(ErrorKind::conflict,
                    name + " is the last administrator who is not disabled; make another one first.");
}

}  // namespace

asio::awaitable<Result<User>> Accounts::add_user(std::string name, std::string password, Role role,
                                                 std::string actor, LimitOverrides overrides) {
  auto normal = normalise_name(name);
  if (!normal) co_return normal.error();
  if (normal->find_first_not_of('.') == std::string::npos) {
    // It would be no segment of a URL.
    co_return make_error(ErrorKind::invalid, "A user name has more in it than dots.");
  }
  auto allowed = check_new_password(password);
  if (!allowed) co_return allowed.error();
  auto within = check(overrides);
  if (!within) co_return within.error();

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
                           .created_at = now,
                           .limits = columns_of(overrides)};
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
  co_return user_of(row);
}

asio::awaitable<Result<bool>> Accounts::ensure_first_admin(std::string name, std::string password) {
  auto look = [](sqlite::Connection& db) { return store::has_admin(db); };
  auto exists = co_await store_.read(look);
  if (!exists) co_return exists.error();
  if (*exists) co_return false;
  std::string by = "carreld";
  auto added = co_await add_user(std::move(name), std::move(password), Role::admin, std::move(by));
  if (!added) co_return added.error();
  co_return true;
}

asio::awaitable<Result<std::vector<User>>> Accounts::users() {
  auto look = [](sqlite::Connection& db) { return store::load_users(db); };
  auto rows = co_await store_.read(look);
  if (!rows) co_return rows.error();
  std::vector<User> all;
  for (const auto& row : *rows) all.push_back(user_of(row));
  co_return all;
}

asio::awaitable<Result<User>> Accounts::user(std::string name) {
  auto normal = normalise_name(name);
  if (!normal) co_return no_such_user();
  auto look = [known = *normal](sqlite::Connection& db) { return existing_user(db, known); };
  auto row = co_await store_.read(look);
  if (!row) co_return row.error();
  co_return user_of(*row);
}

asio::awaitable<Result<User>> Accounts::change_user(std::string name, UserChange change, std::string actor) {
  auto normal = normalise_name(name);
  if (!normal) co_return no_such_user();
  std::string new_hash;
  if (change.password) {
    auto allowed = check_new_password(*change.password);
    if (!allowed) co_return allowed.error();
    const auto cost = options_.hash_cost;
    auto hash_it = [password = *change.password, cost] { return sodium::hash_password(password, cost); };
    auto hash = co_await offload(hashing_, hash_it);
    if (!hash) co_return hash.error();
    new_hash = *hash;
  }
  const std::int64_t now = options_.now();
  auto record = [known = *normal, change, new_hash, actor, now](sqlite::Connection& db) -> Result<Changed> {
    auto row = existing_user(db, known);
    if (!row) return row.error();
    Changed made = apply(std::move(*row), change, new_hash);
    auto within = check(overrides_of(made.row.limits));
    if (!within) return within.error();
    if (made.what.empty()) return made;
    auto updated = store::update_user(db, made.row);
    if (!updated) return updated.error();
    if (made.ends_sessions) {
      auto left = check_admin_left(db, known);
      if (!left) return left.error();
      auto deleted = store::delete_sessions_of(db, made.row.id);
      if (!deleted) return deleted.error();
    }
    auto noted = store::append_event(
        db, {.at = now, .actor = actor, .action = "user_changed", .object = known, .detail = made.what});
    if (!noted) return noted.error();
    return made;
  };
  auto changed = co_await store_.write(record);
  if (!changed) co_return changed.error();
  const User user = user_of(changed->row);
  if (changed->ends_sessions) end_all_of(user.id, EndReason::disabled);
  if (changed->limits_differ) {
    table_.set_limits(user.id, effective_limits(user));
    for (const auto& listener : limits_listeners_) listener(user.id);
  }
  co_return user;
}

asio::awaitable<Result<void>> Accounts::remove_user(std::string name, std::string actor) {
  auto normal = normalise_name(name);
  if (!normal) co_return no_such_user();
  const store::Event event{
      .at = options_.now(), .actor = actor, .action = "user_deleted", .object = *normal, .detail = {}};
  auto record = [known = *normal, event](sqlite::Connection& db) -> Result<std::string> {
    auto row = existing_user(db, known);
    if (!row) return row.error();
    auto deleted = store::delete_user(db, row->id);
    if (!deleted) return deleted.error();
    auto left = check_admin_left(db, known);
    if (!left) return left.error();
    auto noted = store::append_event(db, event);
    if (!noted) return noted.error();
    return row->id;
  };
  auto removed = co_await store_.write(record);
  if (!removed) co_return removed.error();
  end_all_of(*removed, EndReason::disabled);
  co_return Result<void>();
}

}  // namespace carrel::accounts
