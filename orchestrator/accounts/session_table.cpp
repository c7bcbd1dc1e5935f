#include "orchestrator/accounts/session_table.hpp"

#include <algorithm>

#include "orchestrator/lib/sodium/secret_hash.hpp"

namespace carrel::accounts {
namespace {

std::string lookup_part(const std::string& secret_hash) {
  return secret_hash.substr(0, secret_hash.size() / 2);
}

}  // namespace

std::size_t SessionTable::count_of(std::string_view user_id) const {
  const auto arriving =
      std::ranges::count_if(arriving_, [&](const auto& entry) { return entry.second == user_id; });
  return ids_of(user_id).size() + static_cast<std::size_t>(arriving);
}

std::vector<std::string> SessionTable::ids_of(std::string_view user_id) const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : sessions_) {
    if (!entry.ending && entry.session.user_id == user_id) ids.push_back(id);
  }
  return ids;
}

const Session* SessionTable::least_used_of(std::string_view user_id) const {
  const Session* least = nullptr;
  for (const auto& id : ids_of(user_id)) {
    const Session& session = sessions_.at(id).session;
    if (least == nullptr || session.last_seen < least->last_seen) least = &session;
  }
  return least;
}

void SessionTable::set_limits(std::string_view user_id, const Limits& limits) {
  for (auto& [id, entry] : sessions_) {
    if (entry.session.user_id == user_id) entry.session.limits = limits;
  }
}

void SessionTable::add(Session session, std::string secret_hash) {
  const std::string id = session.id;
  release(id);
  const std::int64_t seen = session.last_seen;
  id_by_lookup_.emplace(lookup_part(secret_hash), id);
  sessions_.emplace(id, Entry{std::move(session), std::move(secret_hash), seen, false});
}

bool SessionTable::is_alive(const Session& session, std::int64_t now) const {
  return now < session.expires_at && now - session.last_seen < bounds_.idle.count();
}

const Session* SessionTable::find(const std::string& id, std::int64_t now) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.ending || !is_alive(found->second.session, now))
    return nullptr;
  return &found->second.session;
}

const Session* SessionTable::find_by_secret_hash(const std::string& secret_hash, std::int64_t now) const {
  const auto id = id_by_lookup_.find(lookup_part(secret_hash));
  if (id == id_by_lookup_.end()) return nullptr;
  const auto& entry = sessions_.at(id->second);
  return sodium::equal_constant_time(entry.secret_hash, secret_hash) ? find(id->second, now) : nullptr;
}

void SessionTable::touch(const std::string& id, std::int64_t now) {
  if (find(id, now) == nullptr) return;
  auto& seen = sessions_.at(id).session.last_seen;
  seen = std::max(seen, now);
}

void SessionTable::set_ending(const std::string& id, bool ending) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.ending = ending;
}

std::optional<Session> SessionTable::remove(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  Session session = std::move(found->second.session);
  id_by_lookup_.erase(lookup_part(found->second.secret_hash));
  sessions_.erase(found);
  return session;
}

std::vector<std::pair<Session, EndReason>> SessionTable::remove_dead(std::int64_t now) {
  std::vector<std::pair<Session, EndReason>> dead;
  for (const auto& [id, entry] : sessions_) {
    // One that is ending is taken out by who ends it.
    if (entry.ending || is_alive(entry.session, now)) continue;
    dead.emplace_back(entry.session, now >= entry.session.expires_at ? EndReason::expired : EndReason::idle);
  }
  for (const auto& [session, reason] : dead) remove(session.id);
  return dead;
}

std::vector<std::pair<std::string, std::int64_t>> SessionTable::take_unwritten(std::chrono::seconds after) {
  std::vector<std::pair<std::string, std::int64_t>> unwritten;
  for (auto& [id, entry] : sessions_) {
    if (entry.session.last_seen - entry.written_seen < after.count()) continue;
    entry.written_seen = entry.session.last_seen;
    unwritten.emplace_back(id, entry.session.last_seen);
  }
  return unwritten;
}

std::vector<Session> SessionTable::all() const {
  std::vector<Session> sessions;
  for (const auto& [id, entry] : sessions_) {
    if (!entry.ending) sessions.push_back(entry.session);
  }
  return sessions;
}

}  // namespace carrel::accounts
