#pragma once

#include <string>
#include <string_view>
#include <vector>

/// An ASS script as a file of its own, on the film's timeline.
namespace carrel::streamer::subtitles {

inline constexpr std::size_t kMaxAssBytes = 64U << 20;

/// An event as Matroska keeps it, "ReadOrder,Layer,Style,…", with its times.
struct AssLine {
  std::int64_t start_us = 0, end_us = 0;
  std::string block;
};

/// The script again: the head from the codec's private data, then the events in their order; `origin_us` is
/// taken away from each. What is over before zero is left out.
[[nodiscard]] std::string ass_document(std::string_view head, const std::vector<AssLine>& lines,
                                       std::int64_t origin_us);

/// A whole file with its times moved; everything else as it is.
[[nodiscard]] std::string shifted_ass(std::string_view file, std::int64_t origin_us);

}  // namespace carrel::streamer::subtitles
