#include "orchestrator/cli/commands/user_limits.hpp"

#include <cstdint>
#include <optional>

#include "orchestrator/config/values.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
constexpr double kMostCpus = 1024;
constexpr char kDefault[] = "default";

/// Puts `text` into `body` as what `parse` makes of it; the message of a wrong one, otherwise nothing.
template <class Parse>
std::optional<Failure> put(json& body, const char* name, const std::string& text, Parse parse) {
  if (text.empty()) return std::nullopt;
  if (text == kDefault) {
    body[name] = nullptr;
    return std::nullopt;
  }
  const auto value = parse(text);
  if (value.has_error())
    return fail(ExitCode::usage, "--" + std::string(name) + ": " + value.error().message);
  body[name] = *value;
  return std::nullopt;
}

}  // namespace

void add_options(CLI::App& command, UserLimits& limits) {
  command.add_option("--sessions", limits.sessions, "sessions at once; each limit may be \"default\"")
      ->type_name("NUMBER");
  command.add_option("--streams", limits.streams, "streams at once")->type_name("NUMBER");
  command.add_option("--memory", limits.memory, "of each sandbox, such as 512m")->type_name("SIZE");
  command.add_option("--cpus", limits.cpus, "of each sandbox, such as 0.5")->type_name("NUMBER");
  command.add_option("--bandwidth", limits.bandwidth, "bytes a second, such as 4m")->type_name("SIZE");
}

Answer<json> body_of(const UserLimits& limits) {
  const auto count = [](const std::string& text) { return config::parse_count(text, 0, kMostCount); };
  const auto size = [](const std::string& text) { return config::parse_size(text, 0, kMostBytes); };
  const auto fraction = [](const std::string& text) { return config::parse_fraction(text, 0.01, kMostCpus); };
  json body = json::object();
  auto wrong = put(body, "sessions", limits.sessions, count);
  if (!wrong) wrong = put(body, "streams", limits.streams, count);
  if (!wrong) wrong = put(body, "memory", limits.memory, size);
  if (!wrong) wrong = put(body, "cpus", limits.cpus, fraction);
  if (!wrong) wrong = put(body, "bandwidth", limits.bandwidth, size);
  if (wrong) return *wrong;
  if (body.empty()) {
    return fail(
        ExitCode::usage,
        "name at least one of --sessions, --streams, --memory, --cpus and --bandwidth; carrelctl user show "
        "says what holds");
  }
  return answer_of(std::move(body));
}

}  // namespace carrel::cli::commands
