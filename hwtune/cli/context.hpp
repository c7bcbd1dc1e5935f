#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "hwtune/detect/detect.hpp"
#include "hwtune/machine/root.hpp"
#include "terminal/style.hpp"

namespace carrel::hwtune::cli {

/// What carrel-hwtune ends with; documented and stable.
enum class ExitCode {
  ok = 0,
  failed = 1,   ///< this machine could not do it
  usage = 2,    ///< the command line is wrong
  refused = 4,  ///< it needs root, or a yes, or somebody changed what is hwtune's
};

/// The options that every command knows.
struct Globals {
  std::string root = "/";
  std::string config;                ///< carreld's TOML file; empty: ./carrel.toml if there is one
  std::vector<std::string> library;  ///< instead of what the configuration says
  std::string data;
  std::string engine_socket;
  bool json = false;
};

/// What a command runs with. One thread.
class Context {
 public:
  Context(const Globals& globals, int output) : globals_(globals), output_(output) {}

  [[nodiscard]] const Globals& globals() const noexcept { return globals_; }
  [[nodiscard]] terminal::Style style() const { return terminal::style_of(output_); }

  [[nodiscard]] Result<machine::Root> root() const { return machine::Root::open(globals_.root); }
  [[nodiscard]] Places places();
  [[nodiscard]] Detected detected(const machine::Root& root);

  /// The JSON with --json, else the text.
  void print(const nlohmann::json& json, const std::string& text) const;
  void write(const std::string& text) const;
  /// What is going on, on the terminal's last line; nothing where standard error is no terminal.
  void progress(const std::string& text);
  /// For people, on standard error.
  void note(const std::string& text);

 private:
  const Globals& globals_;
  int output_;
  bool in_progress_ = false;
  bool told_ = false;  ///< that the configuration is kept from this user
};

struct Failure {
  ExitCode code = ExitCode::failed;
  std::string message;
};

/// Nothing: done.
using Done = std::optional<Failure>;

struct Plan {
  std::function<Done(Context&)> run;
};

void add_detect(CLI::App& root, Plan& plan);
void add_measure(CLI::App& root, Plan& plan);
void add_plan(CLI::App& root, Plan& plan);
/// And revert.
void add_apply(CLI::App& root, Plan& plan);
void add_watch(CLI::App& root, Plan& plan);

}  // namespace carrel::hwtune::cli
