#include "orchestrator/store/migrations.hpp"

#include <array>
#include <string_view>

#include "orchestrator/lib/sqlite/transaction.hpp"

namespace carrel::store {
namespace {

// Times are seconds since 1970 (UTC) except where a name says nanoseconds. Ids are UUIDv7 as text.
constexpr const char* first_tables = R"sql(
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin')),
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

-- The journal of containers. It refers to sessions and users by value: a container outlives them for a moment, and
-- the reason why it went is still wanted then.
CREATE TABLE sandboxes (
  id TEXT PRIMARY KEY,
  session_id TEXT,
  user_id TEXT,
  container_id TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sandboxes_alive ON sandboxes (state) WHERE state <> 'removed';

CREATE TABLE videos (
  id TEXT PRIMARY KEY,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  mtime_ns INTEGER NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'indexing', 'ready', 'failed')),
  summary TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  index_error_count INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  removed_at INTEGER,
  UNIQUE (root, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
)sql";

constexpr const char* admin_tokens = R"sql(
CREATE TABLE admin_tokens (
  name TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// A limit that is NULL is as the user's role has it.
constexpr const char* limits_and_addresses = R"sql(
ALTER TABLE users ADD COLUMN limit_sessions INTEGER CHECK (limit_sessions > 0);
ALTER TABLE users ADD COLUMN limit_streams INTEGER CHECK (limit_streams > 0);
ALTER TABLE users ADD COLUMN limit_memory INTEGER CHECK (limit_memory > 0);
ALTER TABLE users ADD COLUMN limit_millicpus INTEGER CHECK (limit_millicpus > 0);
ALTER TABLE users ADD COLUMN limit_bandwidth INTEGER CHECK (limit_bandwidth >= 0);
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
)sql";

// The subtitle files beside a film that its index was made with, as the library wrote them.
constexpr const char* sidecars = R"sql(
ALTER TABLE videos ADD COLUMN sidecars TEXT NOT NULL DEFAULT '';
)sql";

// One job for each thing that can be made; asking again sets the row back. Progress is in millionths.
// asked_by is empty for what Carrel makes by itself. A variant is a film's picture made anew; film_size and
// film_mtime_ns say of which state of the file.
constexpr const char* jobs_and_variants = R"sql(
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  video TEXT NOT NULL,
  kind TEXT NOT NULL,
  quality TEXT NOT NULL,
  film_size INTEGER NOT NULL,
  film_mtime_ns INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  priority INTEGER NOT NULL,
  progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1000000),
  tries INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  asked_by TEXT NOT NULL DEFAULT '',
  not_before INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  UNIQUE (video, kind, quality)
) STRICT, WITHOUT ROWID;

CREATE TABLE variants (
  video TEXT NOT NULL,
  name TEXT NOT NULL,
  film_size INTEGER NOT NULL,
  film_mtime_ns INTEGER NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bandwidth INTEGER NOT NULL,
  codec TEXT NOT NULL,
  duration_us INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  PRIMARY KEY (video, name)
) STRICT, WITHOUT ROWID;
)sql";

// Where somebody stopped watching, in whole seconds of the film.
constexpr const char* positions = R"sql(
CREATE TABLE positions (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  video TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  seconds INTEGER NOT NULL CHECK (seconds > 0),
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, video)
) STRICT, WITHOUT ROWID;
)sql";

// Nobody read it.
constexpr const char* variants_without_duration = "ALTER TABLE variants DROP COLUMN duration_us";

Result<std::int64_t> version_of(sqlite::Connection& connection) {
  auto rows =
      connection.query("PRAGMA user_version", [](const sqlite::Statement& row) { return row.column_int(0); });
  if (!rows) return rows.error();
  return rows->at(0);
}

Result<void> apply(sqlite::Connection& connection, const std::string& step, std::int64_t to_version) {
  auto transaction = sqlite::Transaction::begin(connection);
  if (!transaction) return transaction.error();
  auto done = connection.execute(step);
  if (!done) return done.error();
  auto numbered = connection.execute("PRAGMA user_version = " + std::to_string(to_version));
  if (!numbered) return numbered.error();
  return transaction->commit();
}

}  // namespace

std::span<const std::string> migrations() {
  static const std::array<std::string, 7> steps{
      first_tables,      admin_tokens, limits_and_addresses,     sidecars,
      jobs_and_variants, positions,    variants_without_duration};
  return steps;
}

std::vector<std::string> tables_after(std::span<const std::string> steps) {
  constexpr std::string_view kMaking = "CREATE TABLE ";
  std::vector<std::string> tables;
  for (const std::string& step : steps) {
    for (auto at = step.find(kMaking); at != std::string::npos; at = step.find(kMaking, at)) {
      at += kMaking.size();
      tables.push_back(step.substr(at, step.find_first_of(" (", at) - at));
    }
  }
  return tables;
}

Result<void> check_version(sqlite::Connection& connection, std::span<const std::string> steps) {
  auto version = version_of(connection);
  if (!version) return version.error();
  const auto known = static_cast<std::int64_t>(steps.size());
  if (*version >= 0 && *version <= known) return {};
  return make_error(ErrorKind::conflict,
                    "the database is of version " + std::to_string(*version) +
                        ", this program knows versions up to " + std::to_string(known) +
                        "; start the newer program, or restore a backup made before the upgrade");
}

Result<void> migrate(sqlite::Connection& connection, std::span<const std::string> steps) {
  auto checked = check_version(connection, steps);
  if (!checked) return checked;
  auto version = version_of(connection);
  if (!version) return version.error();
  const auto known = static_cast<std::int64_t>(steps.size());
  for (auto v = *version; v < known; ++v) {
    auto applied = apply(connection, steps[static_cast<std::size_t>(v)], v + 1);
    if (!applied) {
      auto error = applied.error();
      error.message +=
          ", migrating the database from version " + std::to_string(v) + " to " + std::to_string(v + 1);
      return error;
    }
  }
  return {};
}

}  // namespace carrel::store
