#include "orchestrator/cli/backups/make.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>

#include "base/unix_time.hpp"
#include "orchestrator/backup/bundle.hpp"
#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/cli/backups/interruption.hpp"
#include "orchestrator/cli/backups/named_files.hpp"
#include "orchestrator/cli/backups/owner.hpp"
#include "orchestrator/cli/backups/settings.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/images/engine.hpp"
#include "orchestrator/config/inputs.hpp"
#include "orchestrator/store/backup.hpp"
#include "orchestrator/store/durable.hpp"
#include "orchestrator/store/files.hpp"

namespace carrel::cli::backups {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes kCopyPatience{5};
constexpr std::chrono::minutes kDaemonsPatience{6};  // the daemon gives up by itself before that
constexpr char kPassphrase[] = "backup-passphrase";
constexpr char kSystemFolder[] = "/etc/carrel";

/// A file that goes with this value.
class Passing {
 public:
  explicit Passing(fs::path path) : path_(std::move(path)) {}
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  ~Passing() { ::unlink(path_.c_str()); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// As carreld would make it: what root made there, the nightly backup could not write to.
Result<void> prepare_default_folder(const config::Config& config) {
  const fs::path folder = default_folder(config);
  auto prepared = store::prepare_directory(folder);
  return prepared ? give(folder, owner_of_data(config)) : prepared;
}

/// What root makes in a folder of the daemon's user is theirs; elsewhere it is root's.
Result<void> give_in_folder(const fs::path& path, const config::Config& config) {
  const Owner owner = owner_of_data(config);
  struct stat folder {};
  if (::stat(path.parent_path().c_str(), &folder) != 0 || folder.st_uid != owner.user) return {};
  return give(path, owner);
}

/// A copy of the database: the daemon's, or made here when none runs on it.
Answer<fs::path> copy_database(Context& context, const config::Config& config) {
  const auto made = context.send("POST", "/api/v1/admin/backup?passing=true", nullptr, kDaemonsPatience);
  if (made.has_value()) {
    // It is deleted in the end, so what a daemon elsewhere calls its copy is none of this machine's files.
    const fs::path copy = text_in(*made, "path");
    if (store::is_passing_name(copy.filename().string())) return copy;
    return fail(ExitCode::failed,
                "the daemon's copy is called " + copy.string() +
                    ", which is none to be deleted. Run this on the daemon's machine, as new as carreld.");
  }
  if (made.error().code != ExitCode::unreachable) return made.error();
  std::error_code failed_to_look;
  const fs::path database = fs::absolute(config.data.dir, failed_to_look) / "carrel.db";
  if (!fs::exists(database, failed_to_look)) return made.error();
  const auto prepared = prepare_default_folder(config);
  if (prepared.has_error()) return failed(prepared.error());
  const auto copy =
      store::make_backup(database, default_folder(config), unix_now(), kCopyPatience, store::Stay::passing,
                         [] { return Interruption::check().has_value(); });
  if (copy.has_error()) return failed(copy.error());
  return copy->path;
}

struct SettingsFiles {
  std::vector<fs::path> files;
  std::vector<std::string> left_out;  ///< that cannot be read, or must not be in an open backup
};

/// Settings and keys: the configuration's file, what lies beside an installed one, and what it names.
/// `sealed`: the backup will be.
Result<SettingsFiles> settings_files(const config::LoadInputs& inputs, const config::Config& config,
                                     bool sealed) {
  SettingsFiles found;
  auto& files = found.files;
  std::error_code error;
  if (inputs.toml) files.push_back(fs::absolute(*inputs.toml, error));
  if (inputs.env_file) files.push_back(fs::absolute(*inputs.env_file, error));
  const bool installed = inputs.toml && fs::absolute(*inputs.toml, error).parent_path() == kSystemFolder;
  if (installed) {
    auto beside = settings_in(kSystemFolder);
    if (beside.has_error()) return beside.error();
    for (auto& file : *beside) files.push_back(std::move(file));
  }
  for (auto& file : files_of_keys(config)) files.push_back(std::move(file));
  for (auto& file : value_files(inputs)) files.push_back(std::move(file.path));
  std::set<fs::path> seen;
  std::erase_if(files, [&](const fs::path& file) {
    if (!seen.insert(file.lexically_normal()).second) return true;
    // It opens every sealed backup, for whoever finds this one.
    const bool would_give_away = !sealed && file.filename() == kPassphrase;
    const bool usable = !would_give_away && fs::is_regular_file(file, error) &&
                        ::access(file.c_str(), R_OK) == 0 && fs::file_size(file, error) <= kLargestSetting;
    if (!usable) found.left_out.push_back(file.string());
    return !usable;
  });
  return found;
}

/// A name that any tar can unpack; two files of one name are told apart by their number.
std::string part_name(const fs::path& file, std::size_t number) {
  std::string name = file.filename().string();
  for (char& one : name) {
    const bool plain = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                       (one >= '0' && one <= '9') || one == '-' || one == '.';
    if (!plain) one = '_';
  }
  return "settings/" + std::to_string(number) + "-" + name.substr(0, 60);
}

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.c_str();
}

/// How many are gone; `made` stays.
Result<std::size_t> drop_outdated(const MakeOrder& order, const fs::path& folder, const fs::path& made) {
  const auto now = unix_now();
  const auto shelf = backup::on_shelf(folder, now);
  if (shelf.has_error()) return shelf.error();
  const auto age = order.age.count() == 0 ? std::chrono::seconds::max() : order.age;
  auto drop = backup::outdated(*shelf, std::max<std::size_t>(order.keep, 1), age, now);
  std::erase_if(drop, [&](const backup::Shelved& one) { return one.path == made; });
  for (const auto& one : drop) {
    if (::unlink(one.path.c_str()) != 0 && errno != ENOENT) {
      return errno_error("delete " + one.path.string(), errno);
    }
  }
  return drop.size();
}

Result<void> write_to(const fs::path& path, const std::string& passphrase, backup::Manifest& manifest,
                      const std::vector<backup::Source>& sources, const config::Config& config) {
  const Passing unfinished(path.string() + ".unfinished");
  auto file = backup::write_file(unfinished.path(), passphrase);
  if (file.has_error()) return file.error();
  const auto writer = until_interrupted(std::move(*file));
  auto written = backup::write_bundle(*writer, manifest, sources);
  if (!written) return written;
  // What was written is read before it is called a backup.
  auto again = backup::read_file(unfinished.path(), passphrase);
  if (again.has_error()) return again.error();
  const auto reader = until_interrupted(std::move(*again));
  const auto read = backup::read_bundle(*reader);
  if (read.has_error()) return read.error();
  auto given = give_in_folder(unfinished.path(), config);
  if (!given) return given;
  return store::move_durably(unfinished.path(), path);
}

}  // namespace

fs::path default_folder(const config::Config& config) {
  std::error_code error;
  return fs::absolute(config.data.dir, error).lexically_normal() / "backups";
}

Answer<json> make(Context& context, const MakeOrder& order) {
  const Interruption held;
  const auto began = std::chrono::steady_clock::now();
  const config::LoadInputs inputs = config::inputs_whatever_the_plan(context.globals().config);
  const auto config = config::load(inputs);
  if (config.has_error()) return fail(ExitCode::failed, config.error().message);
  const auto database = copy_database(context, *config);
  if (database.has_error()) return database.error();
  const Passing copy(*database);
  const fs::path folder = order.folder.empty() ? database->parent_path() : order.folder;
  const auto prepared = store::prepare_directory(folder, order.folder.empty() ? "data.dir" : "--folder");
  if (prepared.has_error()) return failed(prepared.error());
  for (const auto& one : {database->parent_path(), folder}) store::sweep_left_overs(one, unix_now());

  backup::Manifest manifest;
  manifest.made_at = unix_now();
  manifest.version = CARREL_VERSION;
  manifest.host = host_name();
  const images::Engine engine(config->engine.socket);
  for (const auto& name : {config->sandbox.image, config->converter.image}) {
    manifest.images.push_back({name, engine.id_of(name)});
  }
  std::vector<backup::Source> sources{{backup::kDatabaseName, *database, false}};
  // One that cannot be read is no reason to have no backup.
  const auto settings = settings_files(inputs, *config, !order.passphrase.empty());
  if (settings.has_error()) return failed(settings.error());
  for (const auto& file : settings->files) {
    sources.push_back({part_name(file, sources.size()), file, true});
  }
  const fs::path path = folder / backup::new_name(manifest.made_at);
  const auto written = write_to(path, order.passphrase, manifest, sources, *config);
  if (written.has_error()) return failed(written.error());
  const auto dropped = drop_outdated(order, folder, path);
  if (dropped.has_error()) return failed(dropped.error());
  std::error_code error;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return answer_of(json{{"path", path.string()},
                        {"bytes", fs::file_size(path, error)},
                        {"seconds", took.count()},
                        {"parts", manifest.parts.size()},
                        {"sealed", !order.passphrase.empty()},
                        {"left_out", settings->left_out},
                        {"dropped", *dropped}});
}

}  // namespace carrel::cli::backups
