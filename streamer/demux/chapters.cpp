#include "streamer/demux/chapters.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "streamer/demux/subtitle_tracks.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostTitle = 512;

std::string title_of(const AVChapter& chapter) {
  const AVDictionaryEntry* entry = av_dict_get(chapter.metadata, "title", nullptr, 0);
  if (entry == nullptr) return {};
  std::string title = subtitles::clean_utf8({entry->value, ::strnlen(entry->value, kMostTitle)});
  std::replace_if(
      title.begin(), title.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return title;
}

}  // namespace

std::vector<FilmIndex::Chapter> chapters_of(const AVFormatContext& format, const FilmIndex& index,
                                            const std::set<std::uint64_t>& hidden) {
  constexpr AVRational microseconds{1, AV_TIME_BASE};
  std::vector<FilmIndex::Chapter> chapters;
  const auto film_end = static_cast<std::int64_t>(index.duration_us);
  for (unsigned i = 0; i < format.nb_chapters && chapters.size() < kMaxChapters; ++i) {
    const AVChapter& found = *format.chapters[i];
    if (found.time_base.num <= 0 || found.time_base.den <= 0 || found.start == AV_NOPTS_VALUE) continue;
    if (hidden.contains(static_cast<std::uint64_t>(found.id))) continue;
    const std::int64_t origin = origin_us(index);
    const std::int64_t start =
        std::max<std::int64_t>(av_rescale_q(found.start, found.time_base, microseconds) - origin, 0);
    const std::int64_t end =
        found.end == AV_NOPTS_VALUE ? 0 : av_rescale_q(found.end, found.time_base, microseconds) - origin;
    if (start >= film_end) continue;
    chapters.push_back({static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(std::max(end, start)),
                        title_of(found)});
  }
  // A chapter around others comes before the first of them: it is longer.
  std::sort(chapters.begin(), chapters.end(), [](const auto& a, const auto& b) {
    return std::tie(a.start_us, b.end_us, a.title) < std::tie(b.start_us, a.end_us, b.title);
  });
  // Several editions, or a chapter around others, begin at one time: the first is as good as any.
  const auto same = [](const auto& a, const auto& b) { return a.start_us == b.start_us; };
  chapters.erase(std::unique(chapters.begin(), chapters.end(), same), chapters.end());
  for (std::size_t i = 0; i < chapters.size(); ++i) {
    const std::uint64_t next = i + 1 < chapters.size() ? chapters[i + 1].start_us : index.duration_us;
    if (chapters[i].end_us <= chapters[i].start_us || chapters[i].end_us > next) chapters[i].end_us = next;
  }
  return chapters;
}

}  // namespace carrel::streamer
