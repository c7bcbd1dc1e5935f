#include "streamer/demux/verdict.hpp"

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

Verdict verdict(const Collectors& collectors) {
  const auto video = chosen_video(collectors);
  if (video) {
    const DescribedTrack& picture = collectors[*video]->track();
    if (!picture.refusal.empty()) return {false, false, "The video " + picture.refusal + "."};
    if (picture.use == TrackUse::convert)
      return {false, true,
              "The video " + picture.obstacle +
                  "; players cannot show it as it is, so a version that plays has to be made first."};
    return {true, true, {}};
  }
  const Collector* audio = nullptr;
  for (const auto& collector : collectors) {
    if (!is(*collector, MediaKind::audio)) continue;
    if (!collector->refused()) return {true, false, {}};
    if (audio == nullptr) audio = collector.get();
  }
  if (audio != nullptr) return {false, false, "The audio " + audio->track().refusal + "."};
  return {false, false, "There is no video or audio in this file that could be played."};
}

std::vector<std::string> findings_of(const Collectors& collectors) {
  std::vector<std::string> findings;
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    const bool sound = is(*collectors[i], MediaKind::audio);
    const std::string named =
        std::string(sound ? "The sound" : "The picture") + " (track " + std::to_string(i) + ") ";
    for (const std::string& finding : collectors[i]->findings()) findings.push_back(named + finding + ".");
    if (sound && collectors[i]->refused())
      findings.push_back(named + "is left out: it " + collectors[i]->track().refusal + ".");
  }
  return findings;
}

}  // namespace carrel::streamer
