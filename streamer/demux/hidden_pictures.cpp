#include "streamer/demux/hidden_pictures.hpp"

#include <algorithm>
#include <span>

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kFine = 90'000;  // ticks a second, and no more: MPEG-TS has no finer ones

/// What is hidden of one edit, in the order of showing, and when the first and the last that are shown are.
struct Edit {
  std::vector<RawSample*> before, after;
  std::int64_t first = 0, last = 0;
  std::int64_t step = 0;  ///< from one that is shown to the next
};

/// Where the next edit begins in decoding order: libavformat goes back in time to what it needs first.
std::size_t end_of_edit(const std::vector<RawSample>& raw, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < raw.size() && raw[end].dts > raw[end - 1].dts) ++end;
  return end;
}

void drop_what_only_follows(std::vector<RawSample>& raw, std::vector<std::size_t>& ends) {
  std::vector<RawSample> kept;
  kept.reserve(raw.size());
  for (std::size_t begin = 0; begin < raw.size();) {
    const std::size_t end = end_of_edit(raw, begin);
    const auto whole = std::span(raw).subspan(begin, end - begin);
    const auto shown = std::ranges::find(whole.rbegin(), whole.rend(), false, &RawSample::hidden);
    kept.insert(kept.end(), whole.begin(), shown.base());
    if (ends.empty() ? !kept.empty() : kept.size() > ends.back()) ends.push_back(kept.size());
    begin = end;
  }
  raw = std::move(kept);
}

void make_clock_finer(std::vector<RawSample>& raw, TrackInfo& info) {
  constexpr std::int64_t far = std::int64_t{1} << 40;
  if (info.timescale == 0 || info.timescale > kFine / 2 ||
      std::ranges::any_of(raw, [](const RawSample& one) { return one.pts > far || one.pts < -far; }))
    return;
  const std::uint32_t finer = kFine / info.timescale;
  info.timescale *= finer;
  for (RawSample& sample : raw) sample.pts *= finer;
}

Edit edit_of(std::span<RawSample> samples) {
  Edit edit;
  const auto not_shown = [](const RawSample& one) { return one.hidden; };
  auto shown = std::ranges::find_if_not(samples, not_shown);
  edit.first = edit.last = shown->pts;
  std::int64_t count = 0;
  for (const RawSample& one : samples) {
    if (one.hidden) continue;
    edit.first = std::min(edit.first, one.pts);
    edit.last = std::max(edit.last, one.pts);
    ++count;
  }
  edit.step = count > 1 ? (edit.last - edit.first) / (count - 1) : 0;
  for (RawSample& one : samples) {
    if (one.hidden && one.pts < edit.first) edit.before.push_back(&one);
    if (one.hidden && one.pts > edit.last) edit.after.push_back(&one);
  }
  for (auto* side : {&edit.before, &edit.after})
    std::ranges::stable_sort(*side, {}, [](const RawSample* one) { return one->pts; });
  return edit;
}

/// One tick each, up to `end`; closer together where that would be before `begin`.
void lay(const std::vector<RawSample*>& passing, std::int64_t begin, std::int64_t end) {
  const auto count = static_cast<std::int64_t>(passing.size());
  const std::int64_t room = std::clamp<std::int64_t>(end - begin, 0, count);
  for (std::int64_t i = 0; i < count; ++i)
    passing[static_cast<std::size_t>(i)]->pts = end - room + i * room / count;
}

}  // namespace

std::int64_t settle_hidden_pictures(std::vector<RawSample>& raw, TrackInfo& info,
                                    std::int64_t last_duration) {
  const auto hidden = static_cast<std::size_t>(std::ranges::count(raw, true, &RawSample::hidden));
  if (info.kind != MediaKind::video || hidden == 0 || hidden == raw.size()) return last_duration;
  std::vector<std::size_t> ends;
  drop_what_only_follows(raw, ends);
  make_clock_finer(raw, info);
  std::vector<Edit> edits;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    edits.push_back(edit_of(std::span(raw).subspan(begin, end - begin)));
    begin = end;
  }
  const auto most = static_cast<std::int64_t>(raw.size());
  lay(edits.front().before, edits.front().first - most, edits.front().first);
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const bool last = i + 1 == edits.size();
    std::vector<RawSample*> passing = edits[i].after;
    if (!last) passing.insert(passing.end(), edits[i + 1].before.begin(), edits[i + 1].before.end());
    lay(passing, edits[i].last + 1, last ? edits[i].last + edits[i].step : edits[i + 1].first);
  }
  for (RawSample& sample : raw) sample.dts = kNoTime;
  return edits.back().after.empty() ? edits.back().step : 1;
}

}  // namespace carrel::streamer
