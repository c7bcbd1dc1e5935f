#include "hwtune/cli/context.hpp"
#include "hwtune/detect/json.hpp"
#include "hwtune/detect/view.hpp"

namespace carrel::hwtune::cli {
namespace {

Done show(Context& context) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  const Detected detected = context.detected(*root);
  context.print(json_of(detected), view_of(detected, context.style()));
  return {};
}

}  // namespace

void add_detect(CLI::App& root, Plan& plan) {
  CLI::App& command = *root.add_subcommand("detect", "what this machine is; changes nothing");
  command.fallthrough();
  command.callback([&plan] { plan.run = &show; });
}

}  // namespace carrel::hwtune::cli
