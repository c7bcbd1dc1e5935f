#include <poll.h>

#include <csignal>
#include <memory>
#include <optional>

#include "base/unix_time.hpp"
#include "hwtune/cli/between.hpp"
#include "hwtune/cli/context.hpp"
#include "hwtune/cli/files.hpp"
#include "hwtune/detect/detect.hpp"
#include "hwtune/watch/health.hpp"

namespace carrel::hwtune::cli {
namespace {

constexpr char kClearScreen[] = "\033[H\033[2J";

struct Options {
  double every = 0;
  std::string prometheus;
  bool disks = true;
};

volatile std::sig_atomic_t ended = 0;

void on_end(int) {
  ended = 1;
}

/// A signal ends it.
void pause_for(double seconds) {
  static_cast<void>(::poll(nullptr, 0, static_cast<int>(seconds * 1000)));
}

class Watching {
 public:
  Watching(Context& context, const machine::Root& root, const Options& options)
      : context_(context), root_(root), options_(options) {
    const Places places = context.places();
    memory_reserve_ = places.memory_reserve;
    if (!options.disks) return;
    const AskSmart nobody = [](const std::string&) -> Result<std::string> {
      return make_error(ErrorKind::unavailable, "a tree has no disks to ask");
    };
    const auto find = [&root, places] { return find_disks(root, places); };
    disks_.emplace(find, root.is_real() ? AskSmart(&run_smartctl) : nobody);
  }

  Done run() {
    do {
      Health health = read_health(root_, unix_now());
      health.memory_reserve = memory_reserve_;
      if (disks_) health.disks = disks_->at(health.at);
      const Done shown = show(health);
      if (shown) return shown;
      before_ = std::move(health);
      if (options_.every > 0 && ended == 0) pause_for(options_.every);
    } while (options_.every > 0 && ended == 0);
    return {};
  }

 private:
  Done show(const Health& health) {
    if (!options_.prometheus.empty()) {
      const auto written = write_file(options_.prometheus, prometheus_of(health));
      if (written.has_error())
        return Failure{ExitCode::failed, written.error().message + "; name another with --prometheus"};
      return {};
    }
    const auto style = context_.style();
    std::string text = view_of(health, before_ ? &*before_ : nullptr, style);
    const bool again = options_.every > 0;
    if (again && style.width > 0) text = kClearScreen + text;
    // One line a look, so that a program can read them one by one.
    if (again && context_.globals().json) {
      context_.write(json_of(health).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else {
      context_.print(json_of(health), text);
    }
    return {};
  }

  Context& context_;
  const machine::Root& root_;
  const Options& options_;
  std::uint64_t memory_reserve_ = 0;
  std::optional<DiskRounds> disks_;
  std::optional<Health> before_;
};

Done run(Context& context, const Options& options) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  std::signal(SIGINT, &on_end);
  std::signal(SIGTERM, &on_end);
  return Watching(context, *root, options).run();
}

}  // namespace

void add_watch(CLI::App& root, Plan& plan) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *root.add_subcommand("watch", "heat, memory, links and disks: is this machine well?");
  command.fallthrough();
  command.add_option("--every", options->every, "look again every so many seconds, until a signal ends it")
      ->check(between(0.1, 86400))
      ->type_name("SECONDS");
  command
      .add_option("--prometheus", options->prometheus,
                  "write the figures into this file, for the textfile collector")
      ->type_name("FILE");
  command.add_flag("!--no-disks", options->disks, "do not ask disks for their health");
  command.callback(
      [&plan, options] { plan.run = [options](Context& context) { return run(context, *options); }; });
}

}  // namespace carrel::hwtune::cli
