#include "orchestrator/accounts/user_change.hpp"

#include "orchestrator/accounts/rows.hpp"

namespace carrel::accounts {
namespace {

void say(std::string& what, const std::string& more) {
  what += (what.empty() ? "" : ", ") + more;
}

void say_limit(std::string& what, const char* name, const std::optional<std::int64_t>& before,
               const std::optional<std::int64_t>& after) {
  if (before == after) return;
  say(what, std::string(name) + "=" + (after ? std::to_string(*after) : "as the role"));
}

}  // namespace

Changed apply(store::UserRow row, const UserChange& change, const std::string& new_hash) {
  Changed changed;
  if (change.password) {
    row.password_hash = new_hash;
    say(changed.what, "password");
    changed.ends_sessions = true;
  }
  if (change.role && name_of(*change.role) != row.role) {
    row.role = name_of(*change.role);
    say(changed.what, "role " + row.role);
    changed.ends_sessions = true;
  }
  if (change.disabled && *change.disabled != row.disabled) {
    row.disabled = *change.disabled;
    say(changed.what, row.disabled ? "disabled" : "enabled");
    changed.ends_sessions = changed.ends_sessions || row.disabled;
  }
  const auto before = row.limits;
  row.limits = columns_of(accounts::changed(overrides_of(before), change.limits));
  say_limit(changed.what, "sessions", before.sessions, row.limits.sessions);
  say_limit(changed.what, "streams", before.streams, row.limits.streams);
  say_limit(changed.what, "memory", before.memory, row.limits.memory);
  say_limit(changed.what, "millicpus", before.millicpus, row.limits.millicpus);
  say_limit(changed.what, "bandwidth", before.bandwidth, row.limits.bandwidth);
  changed.limits_differ = before != row.limits;
  changed.row = std::move(row);
  return changed;
}

}  // namespace carrel::accounts
