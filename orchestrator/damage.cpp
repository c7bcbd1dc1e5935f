#include "orchestrator/damage.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/store/backup.hpp"
#include "orchestrator/store/damage.hpp"

namespace carrel {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:@,";

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
  const bool in_the_file = config.data.dir.is_absolute() && !inputs.env_file &&
                           !inputs.environment.contains("CARREL_DATA_DIR") &&
                           !inputs.environment.contains("CARREL_DATA_DIR_FILE");
  const std::string before = !in_the_file ? "CARREL_DATA_DIR=" + quoted(data) + " " : std::string();
  const std::string file =
      inputs.toml ? "--config " + quoted(fs::absolute(*inputs.toml, error)) + " " : std::string();
  return before +
         (newest.whole ? "carrelctl " + file + "backup restore " : "carreld " + file + "--restore ") +
         quoted(newest.path);
}

std::string beginning_anew(const fs::path& data) {
  return "To begin anew instead, without the accounts: move carrel.db*, " + std::string(store::kIndexFolder) +
         " and " + store::kBackupFolder + " out of " + data.string();
}

std::string way_out(const store::Damage& damage, const fs::path& data, const config::Config& config,
                    const config::LoadInputs& inputs) {
  const fs::path folder = data / store::kBackupFolder;
  const Newest newest = newest_backup(folder);
  if (newest.path.empty()) {
    const std::string recovering =
        ". What can be saved of the damaged one: sqlite3 " + quoted(data / "carrel.db") + " .recover";
    return "There is no backup in " + folder.string() +
           "; if there is one elsewhere: carrelctl backup restore FILE" +
           (damage.missing ? "." : recovering) + "\n" + beginning_anew(data);
  }
  const std::string kept = "\nThe damaged one stays beside it, as carrel.db.before-restore-…";
  return "The newest backup in " + folder.string() + " is of " + rfc3339(newest.made_at) +
         " (nightly ones may go elsewhere); this puts it in place:\n  " +
         restoring(newest, data, config, inputs) + (damage.missing ? "" : kept) + "\n" + beginning_anew(data);
}

}  // namespace

std::optional<DatabaseDamage> find_damage(const config::Config& config, const config::LoadInputs& inputs) {
  std::error_code error;
  const fs::path data = fs::absolute(config.data.dir, error).lexically_normal();
  const auto damage = store::find_damage(data);
  if (!damage) return std::nullopt;
  const std::string database = "the database " + (data / "carrel.db").string();
  std::string what = damage->missing ? database + " is missing, though films or backups are kept beside it"
                                     : database + " is damaged (" + damage->what + ")";
  return DatabaseDamage{std::move(what), way_out(*damage, data, config, inputs)};
}

Result<void> check_database(const config::Config& config, const config::LoadInputs& inputs) {
  const auto damage = find_damage(config, inputs);
  if (!damage) return {};
  return make_error(ErrorKind::invalid, damage->what + ". Nothing was changed.\n" + damage->way_out);
}

}  // namespace carrel
