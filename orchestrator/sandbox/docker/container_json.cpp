#include "orchestrator/sandbox/docker/container_json.hpp"

#include "orchestrator/sandbox/docker/json.hpp"

namespace carrel::sandbox::docker {
namespace {

// The kernel short of memory takes a booth before the daemon or anything else of the host.
constexpr int kOomScoreAdj = 500;
constexpr int kStopSeconds = 2;

Json mounts_of(const ContainerSpec& spec) {
  Json mounts = Json::array();
  for (const Mount& mount : spec.mounts) {
    mounts.push_back({{"Type", "bind"},
                      {"Source", mount.source},
                      {"Target", mount.target},
                      {"ReadOnly", mount.read_only},
                      {"BindOptions", {{"Propagation", "rprivate"}}}});
  }
  return mounts;
}

Json security_of(const std::string& seccomp) {
  Json options = Json::array({"no-new-privileges"});
  if (!seccomp.empty()) options.push_back("seccomp=" + seccomp);
  return options;
}

// Podman asks for more processes than a host that is itself a container may allow, and fails there.
constexpr int kPodmanProcesses = 4096;

Json ulimits_of(const ContainerSpec& spec, const Traits& traits) {
  Json limits = Json::array({{{"Name", "nofile"}, {"Soft", spec.open_files}, {"Hard", spec.open_files}},
                             {{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}});
  if (spec.max_file_bytes > 0) {
    limits.push_back({{"Name", "fsize"}, {"Soft", spec.max_file_bytes}, {"Hard", spec.max_file_bytes}});
  }
  if (traits.podman) {
    limits.push_back({{"Name", "nproc"}, {"Soft", kPodmanProcesses}, {"Hard", kPodmanProcesses}});
  }
  return limits;
}

Json host_config(const ContainerSpec& spec, const std::string& seccomp, const Traits& traits) {
  Json host = {
      {"Memory", spec.memory_bytes},
      {"MemorySwap", spec.memory_bytes},
      {"NanoCpus", spec.nano_cpus},
      {"PidsLimit", spec.pids_limit},
      {"Ulimits", ulimits_of(spec, traits)},
      {"OomScoreAdj", kOomScoreAdj},
      {"NetworkMode", spec.network_of.empty() ? "none" : "container:" + spec.network_of},
      {"IpcMode", "none"},
      {"ReadonlyRootfs", true},
      {"Privileged", false},
      {"CapDrop", Json::array({"ALL"})},
      {"SecurityOpt", security_of(seccomp)},
      {"Mounts", mounts_of(spec)},
      {"LogConfig", {{"Type", "json-file"}, {"Config", {{"max-size", "1m"}, {"max-file", "1"}}}}},
      {"Init", false},
      {"AutoRemove", false},
      {"RestartPolicy", {{"Name", "no"}}},
  };
  // Where the kernel does not account swap, MemorySwap is dropped; this still keeps the memory out of it.
  // Version 2 has no such knob, and engines refuse it there.
  if (traits.cgroup_v1) host["MemorySwappiness"] = 0;
  // Version 2 has weights instead: the engine makes them of this.
  if (spec.cpu_shares > 0) host["CpuShares"] = spec.cpu_shares;
  // Where the kernel has no weights the engine leaves it away, and says so among the answer's warnings.
  if (spec.io_weight > 0) host["BlkioWeight"] = spec.io_weight;
  return host;
}

}  // namespace

std::string create_body(const ContainerSpec& spec, const std::string& seccomp, const Traits& traits) {
  Json body = {
      {"Image", spec.image},
      {"Labels", spec.labels},
      {"Tty", false},
      {"OpenStdin", false},
      {"StopTimeout", kStopSeconds},
      {"HostConfig", host_config(spec, seccomp, traits)},
  };
  if (!spec.command.empty()) body["Cmd"] = spec.command;
  if (!spec.user.empty()) body["User"] = spec.user;
  return to_text(body);
}

std::string update_body(std::uint64_t memory_bytes, std::uint64_t nano_cpus) {
  Json body = Json::object();
  if (memory_bytes != 0) {
    body["Memory"] = memory_bytes;
    body["MemorySwap"] = memory_bytes;
  }
  if (nano_cpus != 0) body["NanoCpus"] = nano_cpus;
  return to_text(body);
}

}  // namespace carrel::sandbox::docker
