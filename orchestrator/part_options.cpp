#include "orchestrator/part_options.hpp"

#include <utility>

namespace carrel {

namespace fs = std::filesystem;

fs::path web_directory(const config::Config& config) {
  if (!config.http.web_dir.empty()) return config.http.web_dir;
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = executable.parent_path() / "web";
  // As cmake --install lays it out, whatever the prefix is.
  return fs::exists(beside, error) ? beside : executable.parent_path().parent_path() / "share/carrel/web";
}

sandbox::SandboxesOptions sandboxes_options(const config::Config& config, const DataDirectories& data,
                                            std::string instance) {
  sandbox::SandboxesOptions options;
  options.instance = std::move(instance);
  options.limits = {config.sandbox.image, config.sandbox.memory,     config.sandbox.cpus,
                    config.sandbox.pids,  config.sandbox.open_files, config.sandbox.io_weight};
  options.converter = {config.converter.image, config.converter.memory,   config.converter.cpus,
                       config.sandbox.pids,    config.sandbox.open_files, config.converter.io_weight};
  options.convert_stall = config.converter.stall;
  options.run_directory = data.run;
  options.max_total = config.sandbox.max_total;
  options.max_sessions = config.admission.viewers;
  options.max_answers = config.sandbox.streams;
  options.pool_size = config.pool.size;
  options.ready_timeout = config.sandbox.ready_timeout;
  options.index_stall = config.library.index_stall;
  options.hang_timeout = config.sandbox.hang_timeout;
  options.ping_every = config.sandbox.ping_every;
  options.idle = {config.sandbox.idle_pause, config.sandbox.idle_stop, config.sandbox.idle_warning};
  options.reclaim_after = config.sandbox.idle_reclaim;
  options.share_network = config.sandbox.network == "shared";
  options.breaker.crashes = config.sandbox.crashes;
  options.starts_at_once = config.sandbox.starts;
  options.line_length = config.admission.line;
  options.line_wait = config.admission.line_wait;
  options.budget = {config.admission.cpus, config.admission.memory, config.admission.memory_reserve};
  options.link_bandwidth = config.admission.bandwidth;
  return options;
}

sandbox::Sampler::Options sampler_options(const config::Config& config) {
  sandbox::Sampler::Options options;
  options.every = config.sandbox.sample_every;
  options.cpu_burst = config.sandbox.cpu_burst;
  return options;
}

StrainWatch::Options strain_options(const config::Config& config) {
  StrainWatch::Options options;
  options.memory_reserve = config.admission.memory_reserve;
  return options;
}

library::LibraryOptions library_options(const config::Config& config, const DataDirectories& data) {
  library::LibraryOptions options;
  for (const fs::path& path : config.library.paths) {
    std::error_code error;
    options.roots.push_back(fs::absolute(path, error).lexically_normal());
  }
  options.index_directory = data.indexes;
  options.rescan = config.library.rescan;
  options.index_workers = config.library.index_workers;
  return options;
}

jobs::JobsOptions jobs_options(const config::Config& config) {
  jobs::JobsOptions options;
  options.policy.automatic = config.jobs.automatic;
  options.policy.rungs = config.jobs.rungs;
  options.policy.workers = config.jobs.workers;
  options.policy.max_bytes = config.variants.max_bytes;
  options.tries = config.jobs.tries;
  return options;
}

jobs::PicturesOptions pictures_options(const config::Config& config) {
  jobs::PicturesOptions options;
  options.max_bytes = config.pictures.max_bytes;
  options.at_once = config.pictures.workers;
  options.ahead = config.pictures.ahead;
  return options;
}

sandbox::DockerOptions engine_options(const config::Config& config, observe::Metrics* metrics) {
  sandbox::DockerOptions options;
  options.socket = config.engine.socket;
  options.timeout = config.engine.timeout;
  if (metrics != nullptr) {
    options.on_call = [metrics](std::string_view name, double seconds, std::string_view outcome) {
      metrics->engine_call(name, seconds, outcome);
    };
  }
  return options;
}

}  // namespace carrel
