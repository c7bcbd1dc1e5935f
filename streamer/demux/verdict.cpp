#include "streamer/demux/verdict.hpp"

#include <algorithm>

namespace carrel::streamer {
namespace {

bool is(const Collector& collector, MediaKind kind) {
  return collector.track().info.kind == kind;
}

}  // namespace

std::optional<std::size_t> chosen_video(const Collectors& collectors) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    if (!is(*collectors[i], MediaKind::video)) continue;
    if (collectors[i]->track().info.is_default) return i;
    if (!first) first = i;
  }
  return first;
}

std::string verdict(const Collectors& collectors, const Container& container) {
  if (!container.packaged)
    return container.spoken + " is not packaged for streaming yet; the original can be downloaded.";
  const auto video = chosen_video(collectors);
  if (video && collectors[*video]->refused()) return "The video " + collectors[*video]->track().refusal + ".";
  const Collector* audio = nullptr;
  for (const auto& collector : collectors) {
    if (!is(*collector, MediaKind::audio)) continue;
    if (!collector->refused()) return {};
    if (audio == nullptr) audio = collector.get();
  }
  if (audio != nullptr) return "The audio " + audio->track().refusal + ".";
  return video ? std::string() : "There is no video or audio in this file that could be played.";
}

}  // namespace carrel::streamer
