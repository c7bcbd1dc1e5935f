#include "orchestrator/store/damage.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/store/migrations.hpp"

namespace carrel::store {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kBeginning("SQLite format 3\0", 16);  // sqlite.org/fileformat.html

/// Without its log an older state would be looked at.
bool has_log(const fs::path& database) {
  return std::ranges::any_of(std::array{"-wal", "-journal"}, [&](const char* suffix) {
    std::error_code error;
    const auto size = fs::file_size(database.string() + suffix, error);
    return !error && size > 0;
  });
}

/// What SQLite says is wrong. That it may not or cannot read it now is no damage.
std::string damage_in(const Error& error) {
  return error.kind == ErrorKind::internal ? error.message : std::string();
}

std::string damaged_page(sqlite::Connection& db) {
  // Indexes are not compared with their tables, which would take several times as long.
  const auto found =
      db.query("PRAGMA quick_check(1)", [](const sqlite::Statement& row) { return row.column_text(0); });
  if (found.has_error()) return damage_in(found.error());
  return found->size() == 1 && found->front() == "ok" ? std::string() : found->front();
}

std::string lost_table(sqlite::Connection& db, bool used) {
  const auto version =
      db.query("PRAGMA user_version", [](const sqlite::Statement& row) { return row.column_int(0); });
  if (version.has_error()) return damage_in(version.error());
  const std::int64_t steps = version->front();
  if (steps == 0 && used) return "there is nothing of Carrel's in it";
  // A newer one is not damaged.
  if (steps < 0 || steps > static_cast<std::int64_t>(migrations().size())) return {};
  const auto there = db.query("SELECT name FROM sqlite_master WHERE type = 'table'",
                              [](const sqlite::Statement& row) { return row.column_text(0); });
  if (there.has_error()) return damage_in(there.error());
  for (const auto& table : tables_after(migrations().first(static_cast<std::size_t>(steps)))) {
    if (std::ranges::find(*there, table) == there->end()) return "its table " + table + " is gone";
  }
  return {};
}

std::string damage_of(const fs::path& database, bool used) {
  std::error_code error;
  // One of no bytes was never written.
  if (fs::file_size(database, error) == 0 && !error) return used ? "it is empty" : std::string();
  std::ifstream file(database, std::ios::binary);
  std::string beginning(kBeginning.size(), '\0');
  if (!file) return {};
  if (!file.read(beginning.data(), static_cast<std::streamsize>(beginning.size())) || beginning != kBeginning)
    return "it is no database of SQLite's";
  const auto access = has_log(database) ? sqlite::Access::read_only : sqlite::Access::as_it_lies;
  auto opened = sqlite::Connection::open(database, access);
  if (opened.has_error()) return damage_in(opened.error());
  const std::string damage = damaged_page(*opened);
  return damage.empty() ? lost_table(*opened, used) : damage;
}

}  // namespace

bool was_used(const fs::path& directory) {
  std::error_code error;
  return std::ranges::any_of(std::array{kIndexFolder, kBackupFolder}, [&](const char* folder) {
    return fs::is_directory(directory / folder, error) && !fs::is_empty(directory / folder, error);
  });
}

std::optional<Damage> find_damage(const fs::path& directory) {
  const fs::path database = directory / "carrel.db";
  const bool used = was_used(directory);
  std::error_code error;
  const auto type = fs::status(database, error).type();
  if (type == fs::file_type::not_found) {
    return used ? std::optional<Damage>({.missing = true, .what = "it is missing"}) : std::nullopt;
  }
  if (type != fs::file_type::regular) return std::nullopt;
  std::string what = damage_of(database, used);
  if (what.empty()) return std::nullopt;
  return Damage{.missing = false, .what = std::move(what)};
}

}  // namespace carrel::store
