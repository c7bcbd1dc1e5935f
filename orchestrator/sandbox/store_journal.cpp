#include "orchestrator/sandbox/store_journal.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<void> write_state(sqlite::Connection& db, const JournalEntry& entry) {
  const auto now = unix_now();
  const auto& identity = entry.identity;
  const auto changed =
      store::set_sandbox_state(db, identity.sandbox, to_string(entry.state), to_string(entry.reason), now);
  if (changed.has_value()) {
    return entry.container_id.empty()
               ? changed
               : store::set_sandbox_container(db, identity.sandbox, entry.container_id, now);
  }
  if (changed.error().kind != ErrorKind::not_found || entry.state == State::removed) {
    return entry.state == State::removed ? Result<void>() : changed;
  }
  store::SandboxRow row;
  row.id = identity.sandbox;
  row.session_id = unless_empty(identity.session);
  row.user_id = unless_empty(identity.user);
  row.container_id = entry.container_id;
  row.role = to_string(identity.role);
  row.state = to_string(entry.state);
  row.reason = to_string(entry.reason);
  row.generation = static_cast<std::int64_t>(identity.generation);
  row.created_at = now;
  row.updated_at = now;
  return store::insert_sandbox(db, row);
}

/// Why it went is still wanted when the row of the sandbox says "removed".
Result<void> write_entry(sqlite::Connection& db, const JournalEntry& entry) {
  const auto written = write_state(db, entry);
  if (written.has_error()) return written;
  std::string why(to_string(entry.reason));
  if (!entry.detail.empty()) why += ": " + entry.detail;
  const store::Event event{.at = unix_now(),
                           .actor = "carreld",
                           .action = "sandbox_" + std::string(to_string(entry.state)),
                           .object = entry.identity.sandbox,
                           .detail = std::move(why)};
  return store::append_event(db, event);
}

JournalEntry entry_from(const store::SandboxRow& row) {
  JournalEntry entry;
  entry.identity.sandbox = row.id;
  entry.identity.session = row.session_id.value_or("");
  entry.identity.user = row.user_id.value_or("");
  entry.identity.role = parse_role(row.role);
  entry.identity.generation = static_cast<std::uint64_t>(row.generation);
  entry.state = parse_state(row.state).value_or(State::failed);
  entry.container_id = row.container_id;
  return entry;
}

}  // namespace

asio::awaitable<Result<void>> StoreJournal::record(JournalEntry entry) {
  auto work = [entry = std::move(entry)](sqlite::Connection& db) { return write_entry(db, entry); };
  const Result<void> written = co_await store_.write(std::move(work));
  co_return written;
}

asio::awaitable<Result<std::vector<JournalEntry>>> StoreJournal::unfinished() {
  auto work = [](sqlite::Connection& db) -> Result<std::vector<JournalEntry>> {
    const auto rows = store::load_sandboxes(db);
    if (rows.has_error()) return rows.error();
    std::vector<JournalEntry> entries;
    for (const auto& row : *rows) entries.push_back(entry_from(row));
    return entries;
  };
  const Result<std::vector<JournalEntry>> entries = co_await store_.read(work);
  co_return entries;
}

}  // namespace carrel::sandbox
