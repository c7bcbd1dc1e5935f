#include "orchestrator/sandbox/docker/parse.hpp"

#include <algorithm>
#include <utility>

#include "orchestrator/sandbox/docker/json.hpp"

namespace carrel::sandbox::docker {
namespace {

constexpr std::size_t kLongestMessage = 2048;

Error bad_answer(const char* what) {
  return make_error(ErrorKind::unavailable,
                    std::string("the engine's answer has no ") + what + "; see journalctl -u docker");
}

Labels labels_of(const Json& object) {
  Labels labels;
  if (!object.is_object()) return labels;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) labels.emplace(key, value.get_ref<const std::string&>());
  }
  return labels;
}

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

ContainerState listed(const Json& item) {
  ContainerState state;
  state.id = text_of(item, "Id");
  const Json& names = member(item, "Names");
  if (names.is_array() && !names.empty() && names.front().is_string()) {
    state.name = without_slash(names.front().get<std::string>());
  }
  state.image_id = text_of(item, "ImageID");
  state.labels = labels_of(member(item, "Labels"));
  const std::string word = text_of(item, "State");
  state.running = word == "running" || word == "paused" || word == "restarting";
  state.paused = word == "paused";
  state.created_at = number_of(item, "Created");
  return state;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

Result<Created> parse_created(std::string_view body) {
  const Json answer = parse_json(body);
  Created created;
  created.id = text_of(answer, "Id");
  if (created.id.empty()) return bad_answer("container id");
  const Json& warnings = member(answer, "Warnings");
  if (warnings.is_array()) {
    for (const Json& warning : warnings) {
      if (warning.is_string()) created.warnings.push_back(warning.get<std::string>());
    }
  }
  return created;
}

Result<ContainerState> parse_container(std::string_view body) {
  const Json answer = parse_json(body);
  const Json& state = member(answer, "State");
  ContainerState container;
  container.id = text_of(answer, "Id");
  if (container.id.empty() || !state.is_object()) return bad_answer("container state");
  container.name = without_slash(text_of(answer, "Name"));
  container.image_id = text_of(answer, "Image");
  container.labels = labels_of(member(member(answer, "Config"), "Labels"));
  container.running = flag_of(state, "Running") || flag_of(state, "Paused");
  container.paused = flag_of(state, "Paused");
  container.oom_killed = flag_of(state, "OOMKilled");
  container.exit_code = static_cast<int>(number_of(state, "ExitCode"));
  container.pid = std::max<std::int64_t>(0, number_of(state, "Pid"));
  return container;
}

Result<std::vector<ContainerState>> parse_containers(std::string_view body) {
  const Json answer = parse_json(body);
  if (!answer.is_array()) return bad_answer("list of containers");
  std::vector<ContainerState> containers;
  containers.reserve(answer.size());
  for (const Json& item : answer) {
    containers.push_back(listed(item));
    if (containers.back().id.empty()) return bad_answer("container id in its list");
  }
  return containers;
}

Result<int> parse_exit(std::string_view body) {
  const Json answer = parse_json(body);
  if (!member(answer, "StatusCode").is_number_integer()) return bad_answer("exit code");
  const std::string message = text_of(member(answer, "Error"), "Message");
  if (!message.empty()) return make_error(ErrorKind::internal, message);
  return static_cast<int>(number_of(answer, "StatusCode"));
}

Result<ImageInfo> parse_image(std::string_view body) {
  const Json answer = parse_json(body);
  ImageInfo image;
  image.id = text_of(answer, "Id");
  if (image.id.empty()) return bad_answer("image id");
  image.size_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_of(answer, "Size")));
  return image;
}

Result<EngineEvent> parse_event(std::string_view line) {
  const Json answer = parse_json(line);
  const Json& actor = member(answer, "Actor");
  EngineEvent event;
  event.action = text_of(answer, "Action");
  event.container_id = text_of(actor, "ID");
  if (event.action.empty() || event.container_id.empty()) return bad_answer("action and id in an event");
  event.attributes = labels_of(member(actor, "Attributes"));
  event.time_ns = number_of(answer, "timeNano");
  if (event.action == "died") event.action = "die";
  if (event.action == "remove") event.action = "destroy";
  const auto exit_code = event.attributes.find("containerExitCode");
  if (exit_code != event.attributes.end()) event.attributes.emplace("exitCode", exit_code->second);
  return event;
}

std::string parse_message(std::string_view body) {
  const Json answer = parse_json(body);
  std::string message = text_of(answer, "message");
  const std::string cause = text_of(answer, "cause");
  if (message.empty()) message = cause;
  if (message.empty()) message = std::string(body.substr(0, kLongestMessage));
  message.resize(std::min(message.size(), kLongestMessage));
  std::replace_if(message.begin(), message.end(), is_control, ' ');
  while (message.ends_with(' ')) message.pop_back();
  return message;
}

}  // namespace carrel::sandbox::docker
