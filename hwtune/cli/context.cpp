#include "hwtune/cli/context.hpp"

#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string_view>

#include "orchestrator/config/inputs.hpp"
#include "orchestrator/config/load.hpp"

namespace carrel::hwtune::cli {
namespace {

constexpr int kIndent = 2;
constexpr char kWholeLine[] = "\r\033[K";

void write_all(int descriptor, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // nobody reads it any more
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// As carreld looks for it, but for what depends on this machine's size: that is what the plan is about.
config::LoadInputs inputs_of(const std::string& named) {
  config::LoadInputs inputs = config::inputs_of_process(named);
  inputs.host.reset();
  return inputs;
}

}  // namespace

Places Context::places() {
  Places places;
  const config::LoadInputs inputs = inputs_of(globals_.config);
  if (!inputs.toml && config::may_not_read(config::kSystemFile) && !told_) {
    told_ = true;
    note(std::string(config::kSystemFile) + " may not be read by you: use sudo");
  }
  const auto config = config::load(inputs);
  if (config.has_error()) {
    note("the configuration of carreld is not used: " + config.error().message);
  } else {
    for (const auto& path : config->library.paths) places.library.push_back(path.string());
    places.data = config->data.dir.string();
    places.engine_socket = config->engine.socket;
    places.image = config->sandbox.image;
    places.memory_reserve = config->admission.memory_reserve;
  }
  if (!globals_.library.empty()) places.library = globals_.library;
  if (!globals_.data.empty()) places.data = globals_.data;
  if (!globals_.engine_socket.empty()) places.engine_socket = globals_.engine_socket;
  return places;
}

Detected Context::detected(const machine::Root& root) {
  return detect(root, root.is_real() ? real_probes() : no_probes(), places());
}

void Context::print(const nlohmann::json& json, const std::string& text) const {
  write(globals_.json ? json.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                      : text);
}

void Context::write(const std::string& text) const {
  write_all(output_, text);
}

void Context::progress(const std::string& text) {
  if (::isatty(STDERR_FILENO) != 1) return;
  write_all(STDERR_FILENO, kWholeLine + text);
  in_progress_ = !text.empty();
}

void Context::note(const std::string& text) {
  if (in_progress_) progress("");
  write_all(STDERR_FILENO, "carrel-hwtune: " + text + "\n");
}

}  // namespace carrel::hwtune::cli
