#include "streamer/subtitles/timed_text.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace carrel::streamer::subtitles {
namespace {

constexpr std::int64_t kMostUs = std::int64_t{10'000'000} * 1'000'000;  // 115 days
constexpr std::size_t kLookBack = 16;
constexpr std::size_t kMostBytes = 32U << 20;  // of one track

bool lasts(const TimedText& text) {
  return text.end_us > 0 && text.end_us > text.start_us && text.start_us < kMostUs && !text.text.empty();
}

}  // namespace

std::vector<FilmIndex::Cue> place_cues(std::vector<TimedText> texts, std::int64_t origin_us) {
  for (TimedText& text : texts) {
    text.start_us = std::clamp(text.start_us, -kMostUs, kMostUs) - origin_us;
    text.end_us = std::clamp(text.end_us, -kMostUs, kMostUs) - origin_us;
  }
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(texts[a].start_us, texts[a].layer, a) < std::tie(texts[b].start_us, texts[b].layer, b);
  });
  std::vector<FilmIndex::Cue> cues;
  std::size_t bytes = 0;
  for (const std::size_t position : order) {
    TimedText& text = texts[position];
    if (!lasts(text)) continue;
    FilmIndex::Cue cue;
    cue.start_us = static_cast<std::uint64_t>(std::max<std::int64_t>(text.start_us, 0));
    cue.end_us = static_cast<std::uint64_t>(std::min(text.end_us, kMostUs));
    cue.text = std::move(text.text);
    cue.settings = std::move(text.settings);
    // ASS draws shadows and outlines as more of the same.
    bool twice = false;
    const std::size_t oldest = cues.size() - std::min(cues.size(), kLookBack);
    for (std::size_t i = cues.size(); i-- > oldest && !twice;) twice = cues[i] == cue;
    if (twice) continue;
    bytes += cue.text.size() + cue.settings.size();
    if (bytes > kMostBytes || cues.size() == kMaxCues) break;
    cues.push_back(std::move(cue));
  }
  return cues;
}

}  // namespace carrel::streamer::subtitles
