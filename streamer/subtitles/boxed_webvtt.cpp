#include "streamer/subtitles/boxed_webvtt.hpp"

#include <algorithm>

#include "streamer/subtitles/boxes.hpp"
#include "streamer/subtitles/utf8.hpp"
#include "streamer/subtitles/webvtt.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kMostOfSample = 64;  // cues that are shown together

}  // namespace

std::vector<TimedText> boxed_cues(std::string_view sample) {
  std::vector<TimedText> cues;
  while (const auto box = take_box(sample)) {
    if (box->type != "vttc" || cues.size() == kMostOfSample) continue;
    TimedText cue;
    std::string_view parts = box->body;
    while (const auto part = take_box(parts)) {
      if (part->type == "payl") cue.text = clean_payload(clean_utf8(part->body));
      if (part->type == "sttg") cue.settings = clean_settings(clean_utf8(part->body));
    }
    if (!cue.text.empty()) cues.push_back(std::move(cue));
  }
  return cues;
}

void append_boxed(std::vector<TimedText>& cues, TimedText cue) {
  const std::size_t looked = std::min(cues.size(), 2 * kMostOfSample);
  for (auto before = cues.end(); before != cues.end() - static_cast<std::ptrdiff_t>(looked);) {
    --before;
    if (before->end_us != cue.start_us || before->text != cue.text || before->settings != cue.settings)
      continue;
    before->end_us = cue.end_us;
    return;
  }
  cues.push_back(std::move(cue));
}

}  // namespace carrel::streamer::subtitles
