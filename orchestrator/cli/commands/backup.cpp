#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {
namespace {

Done make_backup(Context& context) {
  const auto made = context.send("POST", "/api/v1/admin/backup");
  if (made.has_error()) return made.error();
  return context.report(*made, text_in(*made, "path") + " (" + bytes_in(*made, "bytes") + ")");
}

/// Offline, so it is carreld's: the one beside this program takes this one's place.
Done restore(const Context& context, const std::string& file) {
  std::error_code error;
  const auto carreld = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "carreld";
  std::vector<std::string> words{carreld.string(), "--restore", file};
  if (!context.globals().config.empty()) {
    words.emplace_back("--config");
    words.push_back(context.globals().config);
  }
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(carreld.c_str(), arguments.data());
  return fail(ExitCode::failed, errno_error("start " + carreld.string(), errno).message +
                                    "; run carreld --restore " + file + " where carreld is installed");
}

}  // namespace

void add_backup(CLI::App& root, Plan& plan) {
  const auto list = std::make_shared<bool>(false);
  CLI::App& command =
      add_command(root, "backup", "copy the database while the daemon runs", plan, [list](Context& context) {
        return *list ? context.show("/api/v1/admin/backups", views::backups) : make_backup(context);
      });
  command.add_flag("--list", *list, "only list the copies that there are");
  const auto file = std::make_shared<std::string>();
  CLI::App& back = add_command(root, "restore", "put a copy of the database in place; carreld must not run",
                               plan, [file](Context& context) { return restore(context, *file); });
  back.add_option("file", *file, "a copy that backup made")->required()->type_name("FILE");
}

}  // namespace carrel::cli::commands
