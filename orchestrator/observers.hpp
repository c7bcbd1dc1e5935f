#pragma once

#include <functional>
#include <string>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/event_feed.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/sampler.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

/// How the parts' happenings become log lines and metrics: the parts know neither.
namespace carrel {

[[nodiscard]] observe::MetricLabels metric_labels();
/// `on_oom` is told of each sandbox that died of want of memory; a session whose sandbox still sends what an
/// earlier daemon began is used (`accounts`).
[[nodiscard]] sandbox::Observer sandbox_observer(observe::Metrics& metrics, observe::EventFeed& feed,
                                                 accounts::Accounts& accounts,
                                                 std::function<void(const std::string& sandbox)> on_oom);
[[nodiscard]] sandbox::SamplerObserver sampler_observer(observe::Metrics& metrics);
/// `on_indexed` is called when a film is ready, or failed.
[[nodiscard]] library::LibraryObserver library_observer(observe::Metrics& metrics,
                                                        std::function<void()> on_indexed);
[[nodiscard]] jobs::JobsObserver jobs_observer(observe::Metrics& metrics, observe::EventFeed& feed);
[[nodiscard]] jobs::PicturesObserver pictures_observer(observe::Metrics& metrics);
[[nodiscard]] sandbox::Reason sandbox_reason(accounts::EndReason reason);

}  // namespace carrel
