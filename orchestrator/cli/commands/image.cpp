#include <filesystem>
#include <memory>
#include <string>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/images/archives.hpp"
#include "orchestrator/cli/images/engine.hpp"
#include "orchestrator/config/inputs.hpp"

namespace carrel::cli::commands {
namespace {

using nlohmann::json;

struct Work {
  std::vector<images::Archive> archives;
  images::Engine engine;
};

Answer<Work> work_in(const Context& context, const std::string& folder) {
  const auto config = config::load(config::inputs_whatever_the_plan(context.globals().config));
  if (config.has_error()) return fail(ExitCode::failed, config.error().message);
  auto archives =
      images::archives_in(folder.empty() ? images::installed_folder() : std::filesystem::path(folder));
  if (archives.has_error()) return failed(archives.error());
  return answer_of(Work{std::move(*archives), images::Engine(config->engine.socket)});
}

Done load(Context& context, const std::string& folder) {
  const auto work = work_in(context, folder);
  if (work.has_error()) return work.error();
  std::string text;
  json items = json::array();
  for (const auto& archive : work->archives) {
    const auto loaded = work->engine.provide(archive);
    if (loaded.has_error()) return failed(loaded.error());
    const auto removed = work->engine.remove_others(archive.repository, archive.tag);
    if (removed.has_error()) return failed(removed.error());
    items.push_back({{"image", archive.image()}, {"loaded", *loaded}, {"removed", *removed}});
    text += (text.empty() ? "" : "\n") + archive.image() + (*loaded ? ": loaded" : ": it was there");
  }
  return context.report({{"items", items}}, text);
}

Done remove(Context& context, const std::string& folder) {
  const auto work = work_in(context, folder);
  if (work.has_error()) return work.error();
  int count = 0;
  for (const auto& archive : work->archives) {
    const auto removed = work->engine.remove_others(archive.repository, {});
    if (removed.has_error()) return failed(removed.error());
    count += *removed;
  }
  return context.report({{"removed", count}}, "removed " + std::to_string(count) + " tags of images");
}

}  // namespace

void add_image(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "image", "the images that an installed Carrel brings with it");
  const auto folder = std::make_shared<std::string>();
  const auto add_folder = [folder](CLI::App& command) {
    command.add_option("--folder", *folder, "where the archives are; without it, where they were installed")
        ->type_name("DIR");
  };
  add_folder(add_command(group, "load", "put them into the engine, and remove those of before", plan,
                         [folder](Context& context) { return load(context, *folder); }));
  add_folder(add_command(group, "remove", "take them out of the engine, but those in use", plan,
                         [folder](Context& context) { return remove(context, *folder); }));
}

}  // namespace carrel::cli::commands
