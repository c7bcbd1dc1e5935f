#pragma once

#include <functional>
#include <memory>

#include "orchestrator/sandbox/docker/api.hpp"
#include "orchestrator/sandbox/engine.hpp"

namespace carrel::sandbox::docker {

/// GET /events until destroyed, connecting again after 0.1 s, doubling up to 10 s. Its callbacks may destroy
/// it. An answer that makes no sense ends the connection as a failing engine does.
[[nodiscard]] std::unique_ptr<Engine::Subscription> subscribe(std::shared_ptr<Api> api, Labels with_labels,
                                                              std::function<void(EngineEvent)> on_event,
                                                              std::function<void()> on_gap);

}  // namespace carrel::sandbox::docker
