#pragma once

#include <memory>
#include <string>
#include <vector>

#include "streamer/demux/collector.hpp"
#include "streamer/demux/container.hpp"

namespace carrel::streamer {

using Collectors = std::vector<std::unique_ptr<Collector>>;

/// The picture that is shown: the default one, else the first. Empty: the film has none.
[[nodiscard]] std::optional<std::size_t> chosen_video(const Collectors& collectors);

/// Why the film does not play, in words for people; empty when it does. With the samples not yet read it
/// tells what is known from the descriptions, with them it is final.
[[nodiscard]] std::string verdict(const Collectors& collectors, const Container& container);

}  // namespace carrel::streamer
