#include "orchestrator/cli/command_line.hpp"

#include <unistd.h>

#include <exception>
#include <iostream>

#include "orchestrator/cli/commands/errors.hpp"
#include "orchestrator/cli/commands/numbers.hpp"
#include "orchestrator/config/suggest.hpp"

namespace carrel::cli {
namespace {

constexpr double kShortestWatch = 0.1;
constexpr double kLongestWatch = 86400;

constexpr char kFooter[] =
    "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no such thing, 4 not allowed, 5 no daemon "
    "answers.";

/// Takes the words of a command line as far as they are known, as CLI11 would.
class Walk {
 public:
  explicit Walk(const CLI::App& root) : place_(&root) {}

  /// Empty, or what is unknown.
  std::string take(const std::string& word) {
    if (value_follows_) {
      value_follows_ = false;
      return {};
    }
    return word.size() > 1 && word.front() == '-' ? take_option(word) : take_word(word);
  }

 private:
  std::string take_option(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::vector<std::string> known;
    for (const CLI::App* app = place_; app != nullptr; app = app->get_parent()) {
      for (const CLI::Option* option : app->get_options()) {
        if (option->nonpositional() && option->check_name(name)) {
          value_follows_ = option->get_expected_min() > 0 && equals == std::string::npos;
          return {};
        }
        for (const auto& each : option->get_lnames()) known.push_back("--" + each);
      }
    }
    return "there is no option " + name + config::did_you_mean(name, known);
  }

  std::string take_word(const std::string& word) {
    const auto subcommands = place_->get_subcommands([](const CLI::App*) { return true; });
    if (subcommands.empty()) return {};
    std::vector<std::string> known;
    for (const CLI::App* each : subcommands) {
      if (each->get_name() == word) {
        place_ = each;
        return {};
      }
      known.push_back(each->get_name());
    }
    std::string message = "there is no command " + word + config::did_you_mean(word, known);
    return message + "\n" + place_names(known);
  }

  [[nodiscard]] std::string place_names(const std::vector<std::string>& known) const {
    std::string text = place_->get_parent() == nullptr ? "carrelctl" : "carrelctl " + place_->get_name();
    text += " knows:";
    for (const auto& each : known) text += " " + each;
    return text;
  }

  const CLI::App* place_;
  bool value_follows_ = false;
};

int complain(const std::string& message, ExitCode code) {
  std::cerr << "carrelctl: " << message << '\n';
  return static_cast<int>(code);
}

int refuse(const CommandLine& line, const CLI::ParseError& error, int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  // What an option does not take is no unknown command.
  const bool is_value = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr;
  const std::string unknown = is_value ? std::string() : unknown_word(line.root(), words);
  return complain((unknown.empty() ? error.what() : unknown) + "\ncarrelctl --help says more",
                  ExitCode::usage);
}

}  // namespace

CommandLine::CommandLine() {
  root_.require_subcommand(1);
  root_.footer(kFooter);
  root_.set_version_flag("--version", CARREL_VERSION, "print the version and end");
  root_.set_help_flag("--help,-h", "print what there is and end");
  root_.add_option("--socket", globals_.socket, "the daemon's admin socket, when it is not found by itself")
      ->type_name("PATH");
  root_
      .add_option("--url", globals_.url,
                  "a daemon elsewhere, such as https://films.example; needs --token-file")
      ->type_name("URL");
  root_.add_option("--token-file", globals_.token_file, "a file with the token for --url")->type_name("FILE");
  root_.add_option("--ca-file", globals_.ca_file, "trust this authority (PEM) for --url")->type_name("FILE");
  root_
      .add_option("--config", globals_.config,
                  "carreld's TOML file; without it, ./carrel.toml or /etc/carrel/carrel.toml")
      ->type_name("FILE");
  root_.add_flag("--json", globals_.json, "print the API's JSON, for programs");
  root_.add_option("--watch,-w", globals_.watch, "look again every so many seconds; 2 by default")
      ->expected(0, 1)
      ->default_str("2")
      ->check(commands::fraction(kShortestWatch, kLongestWatch))
      ->type_name("SECONDS");

  commands::add_status(root_, plan_);
  commands::add_sandbox(root_, plan_);
  commands::add_session(root_, plan_);
  commands::add_user(root_, plan_);
  commands::add_token(root_, plan_);
  commands::add_pool(root_, plan_);
  commands::add_gc(root_, plan_);
  commands::add_jobs(root_, plan_);
  commands::add_events(root_, plan_);
  commands::add_audit(root_, plan_);
  commands::add_errors(root_, plan_);
  commands::add_log(root_, plan_);
  commands::add_config(root_, plan_);
  commands::add_doctor(root_, plan_);
  commands::add_image(root_, plan_);
  commands::add_backup(root_, plan_);
  commands::add_completion(root_, plan_);
}

std::string unknown_word(const CLI::App& root, const std::vector<std::string>& words) {
  Walk walk(root);
  for (const auto& word : words) {
    if (word == "--") return {};
    std::string unknown = walk.take(word);
    if (!unknown.empty()) return unknown;
  }
  return {};
}

int run(int argc, const char* const* argv) {
  CommandLine line;
  try {
    line.root().parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return line.root().exit(asked);  // help, version
  } catch (const CLI::ParseError& error) {
    return refuse(line, error, argc, argv);
  }
  try {
    Context context(line.globals(), STDOUT_FILENO);
    const Done done = line.plan().run(context);
    if (done.has_error()) {
      const Failure& failure = done.error();
      return complain(failure.message + (failure.remedy.empty() ? "" : "\n") + failure.remedy, failure.code);
    }
    return static_cast<int>(ExitCode::ok);
  } catch (const std::exception& e) {
    return complain(std::string("a bug: ") + e.what(), ExitCode::failed);
  }
}

}  // namespace carrel::cli
