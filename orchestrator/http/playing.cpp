#include "orchestrator/http/playing.hpp"

#include "orchestrator/http/problem.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/variants.hpp"

namespace carrel::http {

using library::Video;
using library::VideoState;
using store::JobState;

namespace {

std::string percent(const store::JobRow& job) {
  return std::to_string(static_cast<int>(store::share_done(job) * 100)) + " %";
}

std::string reason_of(const Video& video, const std::optional<store::JobRow>& job) {
  switch (video.row.state) {
    case VideoState::waiting: return "This film waits to be looked at; it plays in a moment.";
    case VideoState::indexing: return "This film is being looked at; it plays in a moment.";
    case VideoState::ready:
    case VideoState::failed: break;
  }
  if (!job) return video.row.reason;
  switch (job->state) {
    case JobState::running: return "This film is being converted: " + percent(*job) + ".";
    case JobState::waiting: return "This film waits to be converted.";
    case JobState::failed: return video.row.reason + " Converting it failed: " + job->reason;
    case JobState::done:
    case JobState::cancelled: break;
  }
  return video.row.reason;
}

}  // namespace

Playing playing_of(const Services& services, const Video& video) {
  Playing playing;
  playing.playable = video.playable() || (video.facts && !services.variants.of(video.row).empty());
  if (playing.playable) return playing;
  playing.job = services.jobs.of(video.row.id, jobs::kPlay);
  playing.reason = reason_of(video, playing.job);
  return playing;
}

Response no_such_video() {
  return problem(404, "not-found", "There is no such video", "It may have been removed from the library.");
}

}  // namespace carrel::http
