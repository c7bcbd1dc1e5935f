#include "orchestrator/sandbox/container_plan.hpp"

#include <cmath>

#include "orchestrator/sandbox/control_path.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "orchestrator/sandbox/seccomp_profile.hpp"

namespace carrel::sandbox {
namespace {

constexpr double kNanoCpusPerCpu = 1e9;
// "nobody" on every distribution; the image has no user database to name it by.
constexpr char kUnprivileged[] = "65534:65534";

// Ten hours at 60 frames a second need a tenth of it; a hostile worker must not fill the disk.
constexpr std::int64_t kMaxIndexBytes = 1 << 30;

const char* command_of(Role role) {
  switch (role) {
    case Role::streamer: return "stream";
    case Role::worker: return "index";
    case Role::converter: return "convert";
    case Role::verifier: return "verify";
    case Role::holder: break;
  }
  return "hold";
}
// A quarter of what a viewer's booth and most others on the host have: what nobody waits for gives way where
// the CPU is short.
constexpr unsigned kBackgroundShares = 256;

bool is_in_background(Role role) {
  return role == Role::worker || role == Role::converter;
}

// The engine takes no less memory than 6 MiB. The CPU is for its start alone: it never runs again.
constexpr std::uint64_t kHolderMemory = 16 << 20;
constexpr std::uint64_t kHolderNanoCpus = 500'000'000;

}  // namespace

std::string container_name(const std::string& sandbox) {
  return "carrel-" + sandbox;
}

namespace {

Labels labels_of(const Identity& identity) {
  Labels labels = {
      {label::kInstance, identity.instance},
      {label::kSandbox, identity.sandbox},
      {label::kUser, identity.user},
      {label::kGeneration, std::to_string(identity.generation)},
      {label::kRole, std::string(to_string(identity.role))},
  };
  // One container per session is what people count by this label, so a worker does not carry it.
  if (!identity.session.empty()) labels.emplace(label::kSession, identity.session);
  return labels;
}

}  // namespace

ContainerSpec plan_holder(const Identity& identity, std::string image) {
  ContainerSpec spec;
  spec.name = container_name(identity.sandbox);
  spec.image = std::move(image);
  spec.command = {command_of(identity.role)};
  spec.labels = labels_of(identity);
  spec.user = kUnprivileged;
  spec.memory_bytes = kHolderMemory;
  spec.nano_cpus = kHolderNanoCpus;
  spec.pids_limit = 2;
  spec.open_files = 16;
  spec.max_file_bytes = 1;
  spec.seccomp_profile = seccomp_profile();
  return spec;
}

ContainerSpec plan_container(const Identity& identity, const ContainerLimits& limits,
                             const std::filesystem::path& control_directory) {
  ContainerSpec spec;
  spec.name = container_name(identity.sandbox);
  spec.max_file_bytes = limits.max_file_bytes != 0 ? limits.max_file_bytes : kMaxIndexBytes;
  spec.image = limits.image;
  spec.command = {command_of(identity.role), std::string(kControlMount) + "/" + kControlSocket};
  spec.labels = labels_of(identity);
  spec.mounts.push_back(
      Mount{.source = control_directory.string(), .target = kControlMount, .read_only = true});
  spec.user = kUnprivileged;
  spec.memory_bytes = limits.memory_bytes;
  spec.nano_cpus = static_cast<std::uint64_t>(std::llround(limits.cpus * kNanoCpusPerCpu));
  if (is_in_background(identity.role)) spec.cpu_shares = kBackgroundShares;
  spec.pids_limit = limits.pids;
  spec.open_files = limits.open_files;
  spec.io_weight = limits.io_weight;
  spec.seccomp_profile = seccomp_profile();
  return spec;
}

}  // namespace carrel::sandbox
