#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "orchestrator/sandbox/engine.hpp"

namespace carrel::sandbox {

struct DockerOptions {
  std::string socket = "/var/run/docker.sock";
  std::chrono::milliseconds timeout{30'000};  ///< of each call, its version negotiation included
  /// Told of every finished call but wait(): its name (kEngineCalls), seconds, and outcome (kEngineOutcomes).
  std::function<void(std::string_view name, double seconds, std::string_view outcome)> on_call;
};

/// The Docker Engine API 1.40 and later over its Unix socket: Docker from 19.03 on, and Podman's compatible
/// socket. Nothing is sent before the first call. Beyond the contract of Engine:
///  - destroy it in the executor's thread, before the executor's context; calls under way end with
///    ErrorKind::unavailable, subscriptions fall silent;
///  - list() knows neither exit_code, oom_killed nor pid (inspect() does);
///  - wait() answers at once for a container that is not running, one never started included;
///  - logs() are the container's own words: treat them as hostile;
///  - on_gap is also called when events() has connected for the first time.
/// https://docs.docker.com/reference/api/engine/version/v1.41/
[[nodiscard]] std::unique_ptr<Engine> make_docker_engine(boost::asio::any_io_executor executor,
                                                         DockerOptions options);

}  // namespace carrel::sandbox
