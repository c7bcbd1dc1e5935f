#include "orchestrator/cli/backups/restore.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/unix_time.hpp"
#include "orchestrator/backup/bundle.hpp"
#include "orchestrator/cli/backups/interruption.hpp"
#include "orchestrator/cli/backups/named_files.hpp"
#include "orchestrator/cli/backups/owner.hpp"
#include "orchestrator/cli/backups/settings.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/images/engine.hpp"
#include "orchestrator/config/inputs.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/lib/sqlite/copy.hpp"

namespace carrel::cli::backups {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr char kUser[] = "carrel";  ///< as whom an installed carreld runs

bool is_installed(const config::LoadInputs& inputs) {
  std::error_code error;
  return inputs.toml && fs::absolute(*inputs.toml, error).lexically_normal() == config::kSystemFile;
}

/// Certificate and key that these settings name.
std::set<fs::path> certificate_files(const config::LoadInputs& inputs) {
  std::set<fs::path> files;
  const auto config = config::load(inputs);
  if (config.has_error()) return files;
  std::error_code error;
  for (const auto& file : {config->http.tls_certificate, config->http.tls_key}) {
    if (!file.empty()) files.insert(fs::absolute(file, error).lexically_normal());
  }
  return files;
}

/// Where the settings of the backup are, as long as they are not in their place.
config::LoadInputs unpacked_inputs(const std::string& named, const backup::Manifest& manifest,
                                   const fs::path& folder) {
  config::LoadInputs inputs = config::inputs_whatever_the_plan(named);
  std::error_code error;
  const fs::path toml = fs::absolute(inputs.toml.value_or(config::kSystemFile), error);
  for (const backup::Part& part : manifest.parts) {
    if (part.origin == toml) inputs.toml = folder / part.name;
    if (part.origin == toml.parent_path() / ".env") inputs.env_file = folder / part.name;
  }
  return inputs;
}

/// Puts the settings of the backup where they were.
Result<void> put_settings(const std::string& named, const backup::Manifest& manifest, const fs::path& folder,
                          bool over, SettingsChange& settings) {
  const auto now = config::inputs_whatever_the_plan(named);
  const auto to_come = unpacked_inputs(named, manifest, folder);
  std::set<fs::path> values;
  std::set<fs::path> others;
  for (const auto& inputs : {now, to_come}) {
    for (const auto& file : value_files(inputs)) {
      values.insert(file.path);
      // Who sets the environment makes what it names.
      if (file.of_environment) others.insert(file.path);
    }
  }
  // Without these the others cannot be read.
  backup::Manifest first, rest;
  for (const auto& part : manifest.parts) {
    (values.contains(fs::path(part.origin).lexically_normal()) ? first : rest).parts.push_back(part);
  }
  auto put = settings.put(first, folder, over, others);
  if (!put) return put;
  // By the settings of now and by those to come: what renews them here is ahead of any backup.
  for (const auto& inputs : {now, to_come}) others.merge(certificate_files(inputs));
  return settings.put(rest, folder, over, others);
}

/// What is wrong with the settings that are in place now.
Failure unusable(const Error& error, const config::LoadInputs& inputs) {
  std::string remedy;
  std::error_code failed;
  for (const auto& file : value_files(inputs)) {
    if (fs::exists(file.path, failed)) continue;
    remedy += "make " + file.path.string() + " with the value of " + file.variable +
              " in it, which is not in the backup; ";
  }
  return fail(ExitCode::failed, error.message, remedy + "nothing was changed");
}

/// A private folder that goes with this value, and all that is in it.
class Unpacked {
 public:
  static Result<Unpacked> make() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "carrel-backup-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) return errno_error("make a folder like " + name, errno);
    return Unpacked(name);
  }
  Unpacked(Unpacked&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Unpacked& operator=(Unpacked&&) = delete;
  ~Unpacked() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  explicit Unpacked(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Result<backup::Manifest> unpack(const fs::path& file, const std::string& passphrase, const fs::path& folder) {
  auto opened = backup::read_file(file, passphrase);
  if (opened.has_error()) return opened.error();
  const auto reader = until_interrupted(std::move(*opened));
  auto manifest = backup::unpack_bundle(*reader, folder);
  if (manifest.has_error()) return manifest;
  const fs::path database = folder / backup::kDatabaseName;
  std::error_code error;
  if (!fs::exists(database, error)) {
    return make_error(ErrorKind::invalid, "the backup holds no database");
  }
  auto db = sqlite::Connection::open(database, sqlite::Access::read_only);
  if (db.has_error()) return db.error();
  const auto whole = sqlite::check_integrity(*db);
  if (whole.has_error()) return whole.error();
  return manifest;
}

/// carreld checks the copy, puts it in place as the data's owner, and refuses while a daemon works on the
/// data.
Result<void> run_carreld(const std::string& config, const fs::path& database) {
  std::error_code error;
  const fs::path carreld = fs::read_symlink("/proc/self/exe", error).parent_path() / "carreld";
  std::vector<std::string> words{carreld.string(), "--restore", database.string()};
  if (!config.empty()) {
    words.emplace_back("--config");
    words.push_back(config);
  }
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t process = ::fork();
  if (process < 0) return errno_error("start " + carreld.string(), errno);
  if (process == 0) {
    // What it says is for people; standard output is this program's.
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execv(carreld.c_str(), arguments.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return make_error(ErrorKind::conflict,
                    carreld.string() + " did not take the database; what it said is above. Nothing was lost");
}

json missing_images(const config::Config& config, const backup::Manifest& manifest) {
  json missing = json::array();
  const images::Engine engine(config.engine.socket);
  for (const auto& image : manifest.images) {
    if (engine.id_of(image.name).empty()) missing.push_back(image.name);
  }
  return missing;
}

}  // namespace

Result<backup::Manifest> verify(const fs::path& file, const std::string& passphrase) {
  const Interruption held;
  const auto folder = Unpacked::make();
  if (folder.has_error()) return folder.error();
  return unpack(file, passphrase, folder->path());
}

Answer<json> restore(const Context& context, const RestoreOrder& order) {
  const Interruption held;
  const auto began = std::chrono::steady_clock::now();
  const auto folder = Unpacked::make();
  if (folder.has_error()) return failed(folder.error());
  const auto manifest = unpack(order.file, order.passphrase, folder->path());
  if (manifest.has_error()) return failed(manifest.error());
  // Taken back when this ends without the database in its place.
  SettingsChange settings;
  const std::string& file = context.globals().config;
  const auto put = put_settings(file, *manifest, folder->path(), order.settings, settings);
  if (put.has_error()) return failed(put.error());
  const auto inputs = config::inputs_whatever_the_plan(file);
  const auto config = config::load(inputs);
  if (config.has_error()) return unusable(config.error(), inputs);
  if (is_installed(inputs)) {
    const auto made = make_data(*config, kUser);
    if (made.has_error()) return failed(made.error());
  }
  const Owner owner = owner_of_data(*config);
  const fs::path database = folder->path() / backup::kDatabaseName;
  for (const auto& path : {folder->path(), database}) {
    const auto given = give(path, owner);
    if (given.has_error()) return failed(given.error());
  }
  // From here on carreld ends it or does not.
  const auto on = Interruption::check();
  if (on.has_error()) return failed(on.error());
  const auto done = run_carreld(file, database);
  if (done.has_error()) return failed(done.error());
  settings.stay();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return answer_of(json{{"seconds", took.count()},
                        {"made_at", rfc3339(manifest->made_at)},
                        {"settings", settings.origins()},
                        {"kept", settings.kept()},
                        {"missing_images", missing_images(*config, *manifest)}});
}

}  // namespace carrel::cli::backups
