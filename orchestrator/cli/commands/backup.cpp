#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/unix_time.hpp"
#include "orchestrator/backup/shelf.hpp"
#include "orchestrator/backup/stream.hpp"
#include "orchestrator/cli/backups/make.hpp"
#include "orchestrator/cli/backups/restore.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/commands/numbers.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/password.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/inputs.hpp"

namespace carrel::cli::commands {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kMostDays = 36'500;
constexpr std::int64_t kMostKept = 10'000;

struct Options {
  std::string folder;
  std::string passphrase_file;
  bool encrypt = false;
  std::size_t keep = 30;
  std::int64_t keep_days = 0;
  std::string file;
  bool settings = false;
};

/// Asked for only when the file needs it.
Answer<std::string> passphrase_for(const fs::path& file, const Options& options) {
  const auto sealed = backup::is_sealed(file);
  if (sealed.has_error()) return failed(sealed.error());
  return *sealed ? passphrase(options.passphrase_file, false) : Answer<std::string>(std::string());
}

Answer<fs::path> folder_of(const Context& context, const Options& options) {
  if (!options.folder.empty()) return fs::path(options.folder);
  const auto config = config::load(config::inputs_whatever_the_plan(context.globals().config));
  if (config.has_error()) return fail(ExitCode::failed, config.error().message);
  return backups::default_folder(*config);
}

std::string seconds_text(const json& answer) {
  const double seconds = member(answer, "seconds").get<double>();
  return std::to_string(static_cast<std::int64_t>(seconds * 10) / 10.0).substr(0, 4) + " s";
}

std::string lines_of(const json& list, const std::string& before) {
  std::string text;
  for (const json& one : list) text += "\n" + before + one.get<std::string>();
  return text;
}

Done create(Context& context, const Options& options) {
  backups::MakeOrder order;
  order.folder = options.folder;
  order.keep = options.keep;
  order.age = std::chrono::seconds(options.keep_days * kDaySeconds);
  if (options.encrypt || !options.passphrase_file.empty()) {
    auto words = passphrase(options.passphrase_file, true);
    if (words.has_error()) return words.error();
    order.passphrase = std::move(*words);
  }
  const auto made = backups::make(context, order);
  if (made.has_error()) return made.error();
  return context.report(*made,
                        text_in(*made, "path") + " (" + bytes_in(*made, "bytes") + ", read again, " +
                            seconds_text(*made) + ")" +
                            lines_of(member(*made, "left_out"),
                                     "NOT in it (it cannot be read here, or opens the sealed ones): "));
}

Done list(Context& context, const Options& options) {
  const auto folder = folder_of(context, options);
  if (folder.has_error()) return folder.error();
  const auto shelf = backup::on_shelf(*folder, unix_now());
  if (shelf.has_error()) return failed(shelf.error());
  json items = json::array();
  for (const auto& one : *shelf) {
    const auto sealed = backup::is_sealed(one.path);
    items.push_back({{"path", one.path.string()},
                     {"bytes", one.bytes},
                     {"made_at", rfc3339(one.made_at)},
                     {"sealed", sealed.has_value() && *sealed}});
  }
  return context.print({{"items", items}}, views::backups);
}

Answer<fs::path> file_or_newest(const Context& context, const Options& options) {
  if (!options.file.empty()) return fs::path(options.file);
  const auto folder = folder_of(context, options);
  if (folder.has_error()) return folder.error();
  const auto shelf = backup::on_shelf(*folder, unix_now());
  if (shelf.has_error()) return failed(shelf.error());
  if (shelf->empty()) {
    return fail(ExitCode::not_found, "there is no backup in " + folder->string() + "; name a file");
  }
  return shelf->front().path;
}

Done verify(Context& context, const Options& options) {
  const auto file = file_or_newest(context, options);
  if (file.has_error()) return file.error();
  const auto words = passphrase_for(*file, options);
  if (words.has_error()) return words.error();
  const auto manifest = backups::verify(*file, *words);
  if (manifest.has_error()) return fail(ExitCode::failed, file->string() + ": " + manifest.error().message);
  json parts = json::array();
  for (const auto& part : manifest->parts) {
    parts.push_back({{"name", part.name}, {"origin", part.origin}, {"bytes", part.size}});
  }
  const json answer{{"path", file->string()},
                    {"made_at", rfc3339(manifest->made_at)},
                    {"version", manifest->version},
                    {"host", manifest->host},
                    {"parts", std::move(parts)}};
  return context.report(answer, file->string() + " is whole: made " + rfc3339(manifest->made_at) + " on " +
                                    manifest->host + " by " + manifest->version + ", " +
                                    std::to_string(manifest->parts.size()) + " files");
}

Done restore(Context& context, const Options& options) {
  const auto file = file_or_newest(context, options);
  if (file.has_error()) return file.error();
  const auto words = passphrase_for(*file, options);
  if (words.has_error()) return words.error();
  const auto done = backups::restore(context, {*file, *words, options.settings});
  if (done.has_error()) return done.error();
  const json& answer = *done;
  std::string text = "restored " + file->string() + " of " + text_in(answer, "made_at") + " in " +
                     seconds_text(answer) + "; everybody has to log in again";
  text += lines_of(member(answer, "settings"), "put back: ");
  text +=
      lines_of(member(answer, "kept"),
               options.settings
                   ? "a link, a certificate, its key, or what the environment names, is there, and stays: "
                   : "is another there, and stays (--settings puts it back too, but over no link "
                     "and no certificate, nor what the environment names): ");
  text += lines_of(member(answer, "missing_images"), "not in the engine (carrelctl image load): ");
  return context.report(answer, text);
}

}  // namespace

void add_backup(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "backup", "database, settings and keys in one file, and back");
  const auto options = std::make_shared<Options>();
  const auto add = [&](const std::string& name, const std::string& description,
                       Done (*run)(Context&, const Options&)) -> CLI::App& {
    CLI::App& command = add_command(group, name, description, plan,
                                    [options, run](Context& context) { return run(context, *options); });
    command
        .add_option("--folder", options->folder,
                    "where backups lie; without it, backups in the data directory")
        ->type_name("DIR");
    return command;
  };
  const auto add_passphrase = [&](CLI::App& command) {
    command
        .add_option("--passphrase-file", options->passphrase_file,
                    "its first line seals the file; - is standard input; without it, it is asked for")
        ->type_name("FILE");
  };
  CLI::App& make = add("create", "make one, while carreld runs or not, and read it again", create);
  add_passphrase(make);
  make.add_flag("--encrypt", options->encrypt, "ask for a passphrase that seals it");
  make.add_option("--keep", options->keep, "how many stay, 1 to 10000; 30 by default")
      ->check(whole_number(1, kMostKept))
      ->type_name("COUNT");
  make.add_option("--keep-days", options->keep_days,
                  "older ones go, but never the newest three; 1 to 36500, or 0: however old")
      ->check(whole_number(0, kMostDays))
      ->type_name("DAYS");
  (void)add("list", "those that there are, the newest first", list);
  CLI::App& check = add("verify", "read one, and have the database in it checked", verify);
  add_passphrase(check);
  CLI::App& back = add("restore", "put one in place, also on a new machine; carreld must not run", restore);
  add_passphrase(back);
  back.add_flag("--settings", options->settings, "also over settings that are there already");
  for (CLI::App* command : {&check, &back}) {
    command->add_option("file", options->file, "the backup; without it, the newest")->type_name("FILE");
  }
}

}  // namespace carrel::cli::commands
