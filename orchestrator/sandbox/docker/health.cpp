#include "orchestrator/sandbox/docker/health.hpp"

#include <iomanip>
#include <sstream>

namespace carrel::sandbox::docker {
namespace {

std::string seconds_of(std::chrono::milliseconds duration) {
  std::ostringstream out;
  out << std::setprecision(3) << std::chrono::duration<double>(duration).count() << " s";
  return out.str();
}

}  // namespace

EngineHealth failing(const std::string& socket, const std::string& detail) {
  return {EngineHealth::State::failing,
          "the container engine at " + socket + " does not work: " + detail + "; see journalctl -u docker"};
}

std::optional<EngineHealth> health_after(const curl::Failure& failure, const std::string& socket,
                                         std::chrono::milliseconds timeout) {
  using Cause = curl::Failure::Cause;
  using State = EngineHealth::State;
  switch (failure.cause) {
    case Cause::missing:
      return EngineHealth{State::missing, "there is no container engine's socket " + socket +
                                              "; start Docker (systemctl start docker) or set engine.socket"};
    case Cause::refused:
      return EngineHealth{State::refused, "no container engine listens on " + socket + " (" +
                                              failure.message + "); start Docker: systemctl start docker"};
    case Cause::forbidden:
      return EngineHealth{State::refused,
                          "no permission to use the container engine's socket " + socket +
                              "; add this user to its group (usermod -aG docker USER) and log "
                              "in again"};
    case Cause::timeout:
      return EngineHealth{State::hanging,
                          "the container engine at " + socket + " did not answer within " +
                              seconds_of(timeout) +
                              "; see journalctl -u docker, and restart it when it hangs: systemctl restart "
                              "docker"};
    case Cause::broken:
    case Cause::too_large:
    case Cause::internal: return failing(socket, failure.message);
    case Cause::busy:
    case Cause::cancelled:
    case Cause::stopped: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace carrel::sandbox::docker
