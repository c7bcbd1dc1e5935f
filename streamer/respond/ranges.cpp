#include "streamer/respond/ranges.hpp"

#include <algorithm>
#include <optional>

namespace carrel::streamer {
namespace {

std::optional<Span> resolve(const protocol::ByteRange& range, std::uint64_t size) {
  if (range.first) {
    const std::uint64_t last = std::min(range.last.value_or(size - 1), size - 1);
    return *range.first <= last ? std::optional(Span{*range.first, last}) : std::nullopt;
  }
  const std::uint64_t suffix = std::min(range.last.value_or(0), size);
  return suffix > 0 ? std::optional(Span{size - suffix, size - 1}) : std::nullopt;
}

/// Whether the spans' lengths add up to more than `size`; each alone is at most `size`, so nothing wraps.
bool exceed(const std::vector<Span>& spans, std::uint64_t size) {
  std::uint64_t left = size;
  for (const Span& span : spans) {
    if (span.length() > left) {
      return true;
    }
    left -= span.length();
  }
  return false;
}

std::vector<Span> merge(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::first);
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (!merged.empty() && span.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, span.last);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

/// RFC 9110: a suffix range of an empty representation is satisfiable, but no Content-Range can name its zero
/// bytes.
SelectedRanges select_of_nothing(const std::vector<protocol::ByteRange>& ranges) {
  const bool any_suffix = std::ranges::any_of(
      ranges, [](const protocol::ByteRange& range) { return !range.first && range.last.value_or(0) > 0; });
  return {any_suffix ? RangeVerdict::whole : RangeVerdict::unsatisfiable, {}};
}

}  // namespace

SelectedRanges select_ranges(const std::vector<protocol::ByteRange>& ranges, std::uint64_t size) {
  if (ranges.empty()) {
    return {};
  }
  if (size == 0) {
    return select_of_nothing(ranges);
  }
  std::vector<Span> spans;
  for (const protocol::ByteRange& range : ranges) {
    if (const std::optional<Span> span = resolve(range, size)) {
      spans.push_back(*span);
    }
  }
  if (spans.empty()) {
    return {RangeVerdict::unsatisfiable, {}};
  }
  if (exceed(spans, size)) {
    spans = merge(std::move(spans));
  }
  return {RangeVerdict::partial, std::move(spans)};
}

}  // namespace carrel::streamer
