#pragma once

#include <cstdint>

#include "orchestrator/jobs/decide.hpp"
#include "orchestrator/store/jobs.hpp"

namespace carrel::jobs {

inline bool is_open(const store::JobRow& job) {
  return job.state == store::JobState::waiting || job.state == store::JobState::running;
}

/// As if it had never been tried. `now` in seconds since 1970.
inline void set_back(store::JobRow& job, const Film& film, std::int64_t now) {
  job.film_size = film.size;
  job.film_mtime_ns = film.mtime_ns;
  job.state = store::JobState::waiting;
  job.progress = 0;
  job.tries = 0;
  job.reason.clear();
  job.not_before = 0;
  job.created_at = now;
  job.started_at.reset();
  job.ended_at.reset();
}

}  // namespace carrel::jobs
