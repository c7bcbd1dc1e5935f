#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "orchestrator/cli/api.hpp"
#include "orchestrator/cli/failure.hpp"
#include "orchestrator/cli/globals.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace carrel::cli {

/// An answer of the API, for people.
using View = std::function<std::string(const nlohmann::json& answer, const Style& style)>;

/// What a command runs with: the options, the way to the daemon, and where the output goes. One thread.
class Context {
 public:
  Context(const Globals& globals, int output) : globals_(globals), output_(output) {}

  [[nodiscard]] const Globals& globals() const noexcept { return globals_; }
  [[nodiscard]] Style style() const { return style_of(output_); }
  [[nodiscard]] int output() const noexcept { return output_; }

  /// The daemon is looked for at the first call.
  [[nodiscard]] Answer<nlohmann::json> get(const std::string& path);
  [[nodiscard]] Answer<nlohmann::json> send(const std::string& method, const std::string& path,
                                            const nlohmann::json& body = nullptr,
                                            std::chrono::milliseconds patience = kPatience);
  [[nodiscard]] Answer<std::string> get_text(const std::string& path);
  [[nodiscard]] Done follow(const std::string& path, const std::function<bool(const ServerEvent&)>& take);

  /// Asks and prints: the API's JSON with --json, else the view; again and again with --watch.
  [[nodiscard]] Done show(const std::string& path, const View& view);
  /// Prints an answer in the same way, once.
  [[nodiscard]] Done print(const nlohmann::json& answer, const View& view);
  /// A sentence about what was done; with --json the answer instead, if there is one.
  [[nodiscard]] Done report(const nlohmann::json& answer, const std::string& sentence);
  /// As it is. ExitCode::failed when nobody reads it any more.
  [[nodiscard]] Done write(const std::string& text);

 private:
  [[nodiscard]] Answer<const Api*> api();

  const Globals& globals_;
  int output_;
  std::optional<Api> api_;
};

}  // namespace carrel::cli
