#include "orchestrator/accounts/admin_tokens.hpp"

#include <utility>

#include "orchestrator/accounts/credentials.hpp"
#include "orchestrator/lib/sodium/random.hpp"
#include "orchestrator/lib/sodium/secret_hash.hpp"
#include "orchestrator/store/admin_tokens.hpp"
#include "orchestrator/store/audit.hpp"

namespace carrel::accounts {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretCharacters = 43;

Error none_of_that_name(const std::string& name) {
  return make_error(ErrorKind::not_found, "There is no token named " + name + ".");
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<AdminTokens>>> AdminTokens::open(store::Store& store,
                                                                        std::function<std::int64_t()> now) {
  auto load = [](sqlite::Connection& db) { return store::load_admin_tokens(db); };
  auto rows = co_await store.read(load);
  if (!rows) co_return rows.error();
  std::unique_ptr<AdminTokens> tokens(new AdminTokens(store, std::move(now)));
  for (auto& row : *rows) {
    AdminToken token{.name = row.name,
                     .created_by = row.created_by,
                     .created_at = row.created_at,
                     .expires_at = row.expires_at};
    tokens->tokens_.emplace(row.name, Entry{std::move(token), row.secret_hash});
  }
  co_return std::move(tokens);
}

asio::awaitable<Result<std::string>> AdminTokens::add(std::string name, std::chrono::seconds lifetime,
                                                      std::string actor) {
  const auto normal = normalise_name(name);
  if (!normal) {
    co_return make_error(ErrorKind::invalid, "A token's name is made of what a user's name is made of.");
  }
  if (lifetime < shortest || lifetime > longest) {
    co_return make_error(ErrorKind::invalid, "A token is valid for 60 seconds to 365 days.");
  }
  const std::int64_t now = now_();
  std::erase_if(tokens_, [now](const auto& one) { return one.second.token.expires_at <= now; });
  if (tokens_.contains(*normal)) {
    co_return make_error(ErrorKind::conflict,
                         "There is already a token named " + *normal + "; revoke it first.");
  }
  if (tokens_.size() >= max_tokens) {
    co_return make_error(ErrorKind::conflict, "There are 64 tokens already; revoke one that is not needed.");
  }
  const std::string secret = sodium::random_token(kSecretBytes);
  const store::AdminTokenRow row{.name = *normal,
                                 .secret_hash = sodium::hash_secret(secret),
                                 .created_by = actor,
                                 .created_at = now,
                                 .expires_at = now + lifetime.count()};
  const AdminToken token{row.name, row.created_by, row.created_at, row.expires_at};
  // Holds the name while it is being written.
  tokens_.emplace(row.name, Entry{token, row.secret_hash, false});
  const store::Event event{
      .at = now, .actor = actor, .action = "token_added", .object = row.name, .detail = {}};
  auto record = [row, event](sqlite::Connection& db) -> Result<void> {
    // An expired one of that name may still be there.
    auto gone = store::delete_admin_token(db, row.name);
    if (!gone) return gone;
    auto inserted = store::insert_admin_token(db, row);
    if (!inserted) return inserted;
    return store::append_event(db, event);
  };
  auto recorded = co_await store_.write(record);
  if (!recorded) {
    tokens_.erase(row.name);
    co_return recorded.error();
  }
  tokens_.at(row.name).usable = true;
  co_return secret;
}

asio::awaitable<Result<void>> AdminTokens::revoke(std::string name, std::string actor) {
  const auto found = tokens_.find(name);
  if (found == tokens_.end() || !found->second.usable) co_return none_of_that_name(name);
  found->second.usable = false;
  const store::Event event{
      .at = now_(), .actor = actor, .action = "token_revoked", .object = name, .detail = {}};
  auto record = [name, event](sqlite::Connection& db) -> Result<void> {
    auto deleted = store::delete_admin_token(db, name);
    if (!deleted) return deleted;
    return store::append_event(db, event);
  };
  auto recorded = co_await store_.write(record);
  if (!recorded) {
    const auto again = tokens_.find(name);
    if (again != tokens_.end()) again->second.usable = true;
    co_return recorded.error();
  }
  tokens_.erase(name);
  co_return Result<void>();
}

std::optional<std::string> AdminTokens::verify(std::string_view secret) const {
  if (secret.size() != kSecretCharacters) return std::nullopt;
  const std::string hash = sodium::hash_secret(secret);
  const std::int64_t now = now_();
  std::optional<std::string> name;
  for (const auto& [key, entry] : tokens_) {
    const bool same = sodium::equal_constant_time(hash, entry.secret_hash);
    if (same && entry.usable && entry.token.expires_at > now) name = key;
  }
  return name;
}

std::vector<AdminToken> AdminTokens::all() const {
  const std::int64_t now = now_();
  std::vector<AdminToken> alive;
  for (const auto& [name, entry] : tokens_) {
    if (entry.usable && entry.token.expires_at > now) alive.push_back(entry.token);
  }
  return alive;
}

}  // namespace carrel::accounts
