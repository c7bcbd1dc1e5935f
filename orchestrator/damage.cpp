#include "orchestrator/damage.hpp"

#include <filesystem>
#include <string>
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

/// Empty: nothing is known to be wrong with its content.
std::string damage_of(const fs::path& database) {
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

/// carrelctl takes whole backups, and carreld copies of the database alone. Whoever types it has neither the
/// environment nor the working directory of the daemon.
std::string restoring(const Newest& newest, const fs::path& data, const config::LoadInputs& inputs) {
  std::error_code error;
  const bool beside_the_file = inputs.env_file || inputs.environment.contains("CARREL_DATA_DIR");
  const std::string before = beside_the_file ? "CARREL_DATA_DIR=" + data.string() + " " : std::string();
  const std::string config =
      inputs.toml ? "--config " + fs::absolute(*inputs.toml, error).string() + " " : std::string();
  return before +
         (newest.whole ? "carrelctl " + config + "backup restore " : "carreld " + config + "--restore ") +
         newest.path.string();
}

std::string way_out(const fs::path& database, const config::LoadInputs& inputs) {
  const fs::path folder = database.parent_path() / "backups";
  const Newest newest = newest_backup(folder);
  if (newest.path.empty()) {
    return "There is no backup in " + folder.string() +
           "; if there is one elsewhere: carrelctl backup restore FILE. What can be saved of the damaged "
           "one: "
           "sqlite3 " +
           database.string() + " .recover";
  }
  return "The newest backup in " + folder.string() + " is of " + rfc3339(newest.made_at) +
         " (nightly ones may go elsewhere); this puts it in place:\n  " +
         restoring(newest, database.parent_path(), inputs) + "\nThe damaged one stays beside it, as " +
         database.filename().string() + ".before-restore-…";
}

}  // namespace

Result<void> check_database(const config::Config& config, const config::LoadInputs& inputs) {
  std::error_code error;
  const fs::path database = fs::absolute(config.data.dir, error).lexically_normal() / "carrel.db";
  if (!fs::exists(database, error) || fs::file_size(database, error) == 0) return {};
  const std::string damage = damage_of(database);
  if (damage.empty()) return {};
  return make_error(ErrorKind::invalid, "the database " + database.string() + " is damaged (" + damage +
                                            "), and was left as it is.\n" + way_out(database, inputs));
}

}  // namespace carrel
