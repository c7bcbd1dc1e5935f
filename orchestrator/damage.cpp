#include "orchestrator/damage.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/unix_time.hpp"
#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/lib/sqlite/statement.hpp"
#include "orchestrator/store/backup.hpp"

namespace carrel {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:@,";

/// Whether a daemon has kept films or backups beside the database: then it was no new one.
bool was_used(const fs::path& data) {
  std::error_code error;
  return std::ranges::any_of(std::array{"index", "backups"}, [&](const char* folder) {
    return fs::is_directory(data / folder, error) && !fs::is_empty(data / folder, error);
  });
}

/// Empty: nothing is known to be wrong with its content.
std::string damage_of(const fs::path& database) {
  // SQLite takes what is shorter than its smallest page for a new database. (A file of none was never
  // written.)
  constexpr std::uintmax_t smallest_page = 512;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(database, error);
  if (error) return {};
  if (size < smallest_page) return was_used(database.parent_path()) ? "it is empty" : std::string();
  auto opened = sqlite::Connection::open(database, sqlite::Access::read_write);
  if (opened.has_error()) {
    return opened.error().kind == ErrorKind::internal ? opened.error().message : std::string();
  }
  // Indexes are not compared with their tables, which would take several times as long.
  const auto found =
      opened->query("PRAGMA quick_check(1)", [](const sqlite::Statement& row) { return row.column_text(0); });
  if (found.has_error()) {
    return found.error().kind == ErrorKind::internal ? found.error().message : std::string();
  }
  return found->size() == 1 && found->front() == "ok" ? std::string() : found->front();
}

struct Newest {
  fs::path path;
  std::int64_t made_at = 0;
  bool whole = true;  ///< else a copy of the database alone
};

/// Of whole backups and of copies of the database alone.
Newest newest_backup(const fs::path& folder) {
  Newest newest;
  const auto whole = backup::on_shelf(folder, unix_now());
  if (whole.has_value() && !whole->empty()) newest = {whole->front().path, whole->front().made_at, true};
  const auto copies = store::list_backups(folder, unix_now());
  if (copies.has_value() && !copies->empty() && copies->front().created_at > newest.made_at) {
    newest = {copies->front().path, copies->front().created_at, false};
  }
  return newest;
}

/// For a shell, where it would not take it as it is.
std::string quoted(const fs::path& path) {
  const std::string text = path.string();
  if (text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string inside;
  for (const char one : text) inside += one == '\'' ? std::string("'\\''") : std::string(1, one);
  return "'" + inside + "'";
}

/// carrelctl takes whole backups, and carreld copies of the database alone. Whoever types it has neither the
/// environment nor the working directory of the daemon.
std::string restoring(const Newest& newest, const fs::path& data, const config::Config& config,
                      const config::LoadInputs& inputs) {
  std::error_code error;
  const bool in_the_file =
      config.data.dir.is_absolute() && !inputs.env_file && !inputs.environment.contains("CARREL_DATA_DIR");
  const std::string before = !in_the_file ? "CARREL_DATA_DIR=" + quoted(data) + " " : std::string();
  const std::string file =
      inputs.toml ? "--config " + quoted(fs::absolute(*inputs.toml, error)) + " " : std::string();
  return before +
         (newest.whole ? "carrelctl " + file + "backup restore " : "carreld " + file + "--restore ") +
         quoted(newest.path);
}

std::string way_out(const fs::path& database, const config::Config& config,
                    const config::LoadInputs& inputs) {
  const fs::path folder = database.parent_path() / "backups";
  const Newest newest = newest_backup(folder);
  if (newest.path.empty()) {
    return "There is no backup in " + folder.string() +
           "; if there is one elsewhere: carrelctl backup restore FILE. What can be saved of the damaged "
           "one: sqlite3 " +
           quoted(database) + " .recover";
  }
  return "The newest backup in " + folder.string() + " is of " + rfc3339(newest.made_at) +
         " (nightly ones may go elsewhere); this puts it in place:\n  " +
         restoring(newest, database.parent_path(), config, inputs) +
         "\nThe damaged one stays beside it, as " + database.filename().string() + ".before-restore-…";
}

}  // namespace

Result<void> check_database(const config::Config& config, const config::LoadInputs& inputs) {
  std::error_code error;
  const fs::path database = fs::absolute(config.data.dir, error).lexically_normal() / "carrel.db";
  const std::string damage = damage_of(database);
  if (damage.empty()) return {};
  return make_error(ErrorKind::invalid, "the database " + database.string() + " is damaged (" + damage +
                                            "), and was left as it is.\n" +
                                            way_out(database, config, inputs));
}

}  // namespace carrel
