#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streamer/demux/collector.hpp"
#include "streamer/demux/container.hpp"

namespace carrel::streamer {

using Collectors = std::vector<std::unique_ptr<Collector>>;

/// The picture that is shown: the default one, else the first. Empty: the film has none.
[[nodiscard]] std::optional<std::size_t> chosen_video(const Collectors& collectors);

/// What becomes of the film as a whole.
struct Verdict {
  bool playable = false;     ///< as it is, or with its sound made into AAC on the fly
  bool convertible = false;  ///< a variant of its picture would play
  std::string problem;       ///< why it does not play, for people; empty when it does
};

/// With the samples not yet read it tells what is known from the descriptions, with them it is final.
[[nodiscard]] Verdict verdict(const Collectors& collectors);

/// What is wrong with the tracks of a film that plays, for people.
[[nodiscard]] std::vector<std::string> findings_of(const Collectors& collectors);

}  // namespace carrel::streamer
