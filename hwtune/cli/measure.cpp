#include "hwtune/measure/measure.hpp"

#include <csignal>
#include <memory>

#include "base/unix_time.hpp"
#include "hwtune/cli/between.hpp"
#include "hwtune/cli/context.hpp"
#include "hwtune/cli/files.hpp"

namespace carrel::hwtune::cli {
namespace {

struct Options {
  double seconds = 3;
  unsigned megabytes = 256;
  std::string output = kMeasuredFile;
};

volatile std::sig_atomic_t interrupted = 0;

/// What was measured so far is kept, and no container stays behind.
void on_interrupt(int) {
  interrupted = 1;
}

Done run(Context& context, const Options& options) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  if (!root->is_real()) return Failure{ExitCode::usage, "a tree cannot be measured; leave --root away"};
  const auto writable = can_write(options.output);
  if (writable.has_error()) {
    return Failure{ExitCode::failed,
                   "nothing was measured: " + writable.error().message + "; name another with --output"};
  }
  const Detected detected = context.detected(*root);
  const Places places = context.places();
  MeasureOrder order;
  order.machine = name_of_machine(detected.facts);
  order.facts = detected.facts;
  for (const auto& path : places.library) order.library.push_back(resolved(path, true));
  // Before the daemon's first start there is none.
  if (root->exists(resolved(places.data, true))) order.data = resolved(places.data, true);
  order.engine_socket = places.engine_socket;
  order.image = places.image;
  order.bounds.seconds = options.seconds;
  order.bounds.bytes = std::uint64_t{options.megabytes} << 20U;
  order.bounds.stopped = [] { return interrupted != 0; };
  order.progress = [&context](const std::string& text) { context.progress(text); };
  for (const int ending : {SIGINT, SIGTERM}) std::signal(ending, &on_interrupt);
  // nohup ignores it, and then it goes on.
  if (std::signal(SIGHUP, &on_interrupt) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  be_kind();
  const Measured measured = measure(order, unix_now());
  const auto written = write_file(options.output, text_of(measured));
  const std::string named = options.output == kMeasuredFile ? "" : " --measured " + options.output;
  const std::string next = "\nWritten to " + options.output + ". Next: carrel-hwtune plan" + named + "\n";
  // They took a while: they are shown even when they have found no place.
  context.print(json_of(measured),
                view_of(measured, context.style()) + (written.has_error() ? std::string() : next));
  if (written.has_error()) return Failure{ExitCode::failed, written.error().message};
  return {};
}

}  // namespace

void add_measure(CLI::App& root, Plan& plan) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *root.add_subcommand(
      "measure", "what it really does; at lowest priority, bounded by --seconds and --megabytes");
  command.fallthrough();
  command.add_option("--seconds", options->seconds, "that each measurement takes")
      ->check(between(0.1, 600))
      ->type_name("NUMBER")
      ->capture_default_str();
  command
      .add_option("--megabytes", options->megabytes, "that each reads from a disk or writes to it at most")
      ->check(CLI::Range(16U, 65536U))
      ->type_name("NUMBER")
      ->capture_default_str();
  command.add_option("--output", options->output, "where the figures go, for plan")
      ->type_name("FILE")
      ->capture_default_str();
  command.callback(
      [&plan, options] { plan.run = [options](Context& context) { return run(context, *options); }; });
}

}  // namespace carrel::hwtune::cli
