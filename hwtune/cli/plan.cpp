#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/unix_time.hpp"
#include "hwtune/cli/between.hpp"
#include "hwtune/cli/context.hpp"
#include "hwtune/cli/files.hpp"
#include "hwtune/plan/write.hpp"

namespace carrel::hwtune::cli {
namespace {

constexpr char kServiceFolder[] = "/etc/carrel";
constexpr char kFileName[] = "carrel-plan.toml";
// carreld.service has ProtectHome=tmpfs and PrivateTmp=yes.
constexpr std::array kHiddenFromService{"/home", "/root", "/run/user", "/tmp", "/var/tmp"};

struct Options {
  std::string measured = kMeasuredFile;
  std::string output;
  Wish wish;
};

/// None when there is no such file; the default name need not exist.
Result<std::optional<Measured>> measured_in(const Options& options, const std::string& machine) {
  std::error_code error;
  if (options.measured == kMeasuredFile && !std::filesystem::exists(options.measured, error)) {
    return std::optional<Measured>();
  }
  const auto content = read_file(options.measured);
  if (content.has_error()) return content.error();
  auto measured = measured_from(*content);
  if (measured.has_error()) {
    return make_error(ErrorKind::invalid, options.measured + " is " + measured.error().message);
  }
  if (measured->machine != machine) {
    return make_error(ErrorKind::invalid, options.measured + " was measured on another machine (" +
                                              measured->machine + "); run carrel-hwtune measure here");
  }
  return std::optional<Measured>(std::move(*measured));
}

bool is_hidden_from_service(const std::filesystem::path& file) {
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(file, error);
  return std::ranges::any_of(kHiddenFromService, [&](const std::filesystem::path folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
  });
}

std::string recommended() {
  std::error_code error;
  const std::filesystem::path folder(kServiceFolder);
  return (std::filesystem::is_directory(folder, error) ? folder / kFileName : kFileName).string();
}

Done make(Context& context, const Options& options) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  const Detected detected = context.detected(*root);
  const std::string machine = name_of_machine(detected.facts);
  if (detected.facts.cpu.threads == 0 || detected.facts.memory.total == 0) {
    return Failure{ExitCode::failed,
                   "neither processor nor memory can be seen in /proc; nothing can be planned"};
  }
  const auto measured = measured_in(options, machine);
  if (measured.has_error()) return Failure{ExitCode::failed, measured.error().message};
  const hwtune::Plan plan = make_plan(detected.facts, machine, *measured, options.wish, unix_now());
  std::string text = view_of(plan, context.style());
  if (!options.output.empty()) {
    const auto written = write_file(options.output, toml_of(plan));
    if (written.has_error())
      return Failure{ExitCode::failed, written.error().message + "; name another with --output"};
    text += "\nWritten to " + options.output + ". Next: put  admission.plan = \"" +
            std::filesystem::absolute(options.output).string() +
            "\"  into carrel.toml, and restart carreld\n";
    if (is_hidden_from_service(std::filesystem::absolute(options.output))) {
      context.note("a carreld of the package, which systemd starts, does not see " + options.output +
                   " and would not start with it; write the plan to " + kServiceFolder + "/" + kFileName +
                   " for that one");
    }
  } else {
    text += "\nNothing was written. Next: carrel-hwtune plan --output " + recommended() + "\n";
  }
  context.print(json_of(plan), text);
  return {};
}

}  // namespace

void add_plan(CLI::App& root, Plan& plan) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *root.add_subcommand("plan", "how many viewers it can have, and the settings that follow");
  command.fallthrough();
  command.add_option("--measured", options->measured, "what carrel-hwtune measure wrote")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--output", options->output, "write the plan for carreld into this file")
      ->type_name("FILE");
  command.add_option("--mbit", options->wish.mbit, "Mbit/s of a stream")
      ->check(between(0.1, 1000))
      ->type_name("NUMBER")
      ->capture_default_str();
  command.callback(
      [&plan, options] { plan.run = [options](Context& context) { return make(context, *options); }; });
}

}  // namespace carrel::hwtune::cli
