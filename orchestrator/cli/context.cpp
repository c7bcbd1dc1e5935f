#include "orchestrator/cli/context.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>

namespace carrel::cli {

using nlohmann::json;

namespace {

constexpr int kIndent = 2;
constexpr char kClearScreen[] = "\033[H\033[2J";

std::string json_text(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

Answer<const Api*> Context::api() {
  if (!api_) {
    auto endpoint = find_endpoint(globals_);
    if (endpoint.has_error()) return endpoint.error();
    api_.emplace(std::move(*endpoint));
  }
  return &*api_;
}

Answer<json> Context::get(const std::string& path) {
  const auto daemon = api();
  if (daemon.has_error()) return daemon.error();
  return (*daemon)->get(path);
}

Answer<json> Context::send(const std::string& method, const std::string& path, const json& body,
                           std::chrono::milliseconds patience) {
  const auto daemon = api();
  if (daemon.has_error()) return daemon.error();
  return (*daemon)->send(method, path, body, patience);
}

Answer<std::string> Context::get_text(const std::string& path) {
  const auto daemon = api();
  if (daemon.has_error()) return daemon.error();
  return (*daemon)->get_text(path);
}

Done Context::follow(const std::string& path, const std::function<bool(const ServerEvent&)>& take) {
  const auto daemon = api();
  if (daemon.has_error()) return daemon.error();
  return (*daemon)->follow(path, take);
}

Done Context::show(const std::string& path, const View& view) {
  for (;;) {
    const auto answer = get(path);
    if (answer.has_error()) return answer.error();
    // One line an answer, so that a program can read them one by one.
    const bool again = globals_.watch.has_value();
    std::string text = globals_.json ? json_text(*answer, again ? -1 : kIndent) : view(*answer, style());
    if (again && !globals_.json && style().width > 0) text = kClearScreen + text;
    const auto written = write(text);
    if (written.has_error() || !again) return written;
    std::this_thread::sleep_for(std::chrono::duration<double>(*globals_.watch));
  }
}

Done Context::print(const json& answer, const View& view) {
  return write(globals_.json ? json_text(answer, kIndent) : view(answer, style()));
}

Done Context::report(const json& answer, const std::string& sentence) {
  if (!globals_.json) return write(sentence + "\n");
  return answer.is_null() ? Done() : write(json_text(answer, kIndent));
}

Done Context::write(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::write(output_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ExitCode::failed, errno_error("write the output", errno).message);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace carrel::cli
