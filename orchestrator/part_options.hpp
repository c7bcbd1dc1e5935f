#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/config/config.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/docker/docker_engine.hpp"
#include "orchestrator/sandbox/sampler.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "orchestrator/shedding.hpp"

/// What each part takes from the configuration, which it does not know.
namespace carrel {

[[nodiscard]] std::filesystem::path web_directory(const config::Config& config);
[[nodiscard]] sandbox::SandboxesOptions sandboxes_options(const config::Config& config,
                                                          const DataDirectories& data, std::string instance);
[[nodiscard]] sandbox::Sampler::Options sampler_options(const config::Config& config);
[[nodiscard]] StrainWatch::Options strain_options(const config::Config& config);
[[nodiscard]] library::LibraryOptions library_options(const config::Config& config,
                                                      const DataDirectories& data);
[[nodiscard]] jobs::JobsOptions jobs_options(const config::Config& config);
[[nodiscard]] jobs::PicturesOptions pictures_options(const config::Config& config);
/// `metrics` may be null.
[[nodiscard]] sandbox::DockerOptions engine_options(const config::Config& config, observe::Metrics* metrics);

}  // namespace carrel
