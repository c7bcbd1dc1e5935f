#pragma once

#include <optional>
#include <string>

#include "orchestrator/http/message.hpp"
#include "orchestrator/http/services.hpp"
#include "orchestrator/library/video.hpp"
#include "orchestrator/store/jobs.hpp"

namespace carrel::http {

/// Whether a film plays over HLS, by itself or by what was made of it.
struct Playing {
  bool playable = false;
  std::string reason;                ///< why not; for people
  std::optional<store::JobRow> job;  ///< that makes it play
};
[[nodiscard]] Playing playing_of(const Services& services, const library::Video& video);

[[nodiscard]] Response no_such_video();

}  // namespace carrel::http
