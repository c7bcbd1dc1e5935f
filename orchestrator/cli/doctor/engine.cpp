#include <chrono>
#include <optional>
#include <string>

#include "base/remedies.hpp"
#include "orchestrator/cli/api.hpp"
#include "orchestrator/cli/doctor/doctor.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/images/archives.hpp"
#include "orchestrator/cli/images/engine.hpp"
#include "orchestrator/lib/curl/blocking.hpp"

namespace carrel::cli::doctor {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr char kControllers[] =
    "sandboxes would have no bound of it; turn the cgroup controller on in the kernel's "
    "command line or in the container that the engine runs in";

curl::Outcome ask(const config::Config& config, const std::string& path) {
  curl::BlockingRequest request;
  request.url = "http://engine" + path;
  request.unix_socket = config.engine.socket;
  request.timeout = kPatience;
  return curl::perform_blocking(request);
}

std::string remedy_for(const curl::Failure& failure) {
  using Cause = curl::Failure::Cause;
  if (failure.cause == Cause::forbidden) {
    return "run this as root or as the user that carreld runs as; that user needs the right to the socket "
           "(on Debian: "
           "the group docker)";
  }
  if (failure.cause == Cause::timeout) return "it hangs; look at systemctl status docker";
  return "start it (systemctl start docker), install it (apt install docker.io), or set engine.socket";
}

std::string controller(const json& info, const char* name, std::string text) {
  return member(info, name) == false ? text : std::string();
}

Finding controllers(const json& info) {
  const std::string missing = controller(info, "MemoryLimit", " memory") +
                              controller(info, "CpuCfsQuota", " cpu") +
                              controller(info, "PidsLimit", " pids");
  const std::string version = text_in(info, "CgroupVersion");
  if (missing.empty()) return good("cgroups", "version " + version + " with memory, cpu and pids");
  return bad("cgroups", "the engine cannot limit" + missing, kControllers);
}

Finding seccomp(const json& info) {
  if (member(info, "SecurityOptions").is_null()) return good("seccomp", "the engine does not say");
  if (has_security_option(info, "name=seccomp,profile=unconfined")) {
    return odd("seccomp", "the engine gives containers no profile (Carrel's have their own)",
               "take seccomp-profile out of /etc/docker/daemon.json, then systemctl restart docker");
  }
  if (has_security_option(info, "name=seccomp")) return good("seccomp", "the engine has it");
  return bad("seccomp", "the engine has no seccomp",
             "use a kernel with CONFIG_SECCOMP_FILTER and an engine that is built with it");
}

Finding image(const images::Engine& engine, const std::string& name) {
  const std::string check = "image " + name;
  const std::string id = engine.id_of(name);
  if (id.empty()) {
    return bad(check, "the engine does not have it", std::string("put it there with ") + kLoadImages);
  }
  const auto archives = images::archives_in(images::installed_folder());
  for (const auto& archive : archives.has_value() ? *archives : std::vector<images::Archive>{}) {
    if (archive.repository == name && engine.id_of(archive.image()) != id) {
      return odd(check, "another than the one that came with this carrelctl", "carrelctl image load");
    }
  }
  return good(check, "it is there");
}

}  // namespace

std::vector<Finding> judge_engine(const json& version, const json& info) {
  const std::string name = is_podman(version) ? "Podman" : "Docker Engine";
  std::vector<Finding> findings{
      good("engine", name + " " + text_in(version, "Version") + ", API " + text_in(version, "ApiVersion"))};
  findings.push_back(controllers(info));
  findings.push_back(seccomp(info));
  return findings;
}

std::vector<Finding> examine_engine(const config::Config& config) {
  const auto version = ask(config, "/version");
  if (version.has_error()) {
    return {
        bad("engine", config.engine.socket + ": " + version.error().message, remedy_for(version.error()))};
  }
  const json known = json::parse(version->body, nullptr, false);
  if (version->status != 200 || !known.is_object()) {
    return {bad("engine", config.engine.socket + " does not answer like an engine", "set engine.socket")};
  }
  const auto info = ask(config, "/info");
  const json details = info.has_value() ? json::parse(info->body, nullptr, false) : json();
  auto findings = judge_engine(known, details);
  findings.push_back(judge_socket(config.engine.socket, details));
  for (auto& one : judge_setup(known, details)) findings.push_back(std::move(one));
  const images::Engine engine(config.engine.socket);
  findings.push_back(image(engine, config.sandbox.image));
  findings.push_back(image(engine, config.converter.image));
  return findings;
}

}  // namespace carrel::cli::doctor
