#pragma once

#include <cstdint>
#include <vector>

#include "streamer/protocol/message.hpp"

namespace carrel::streamer {

/// Bytes [first, last] of a representation, both inside it.
struct Span {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< inclusive, ≥ first
  bool operator==(const Span&) const = default;
  [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
};

enum class RangeVerdict { whole, partial, unsatisfiable };

struct SelectedRanges {
  RangeVerdict verdict = RangeVerdict::whole;
  std::vector<Span> spans;  ///< of `partial`: at least one
};

/// RFC 9110 section 14.1.2: holds ranges against a representation of `size` bytes. Unsatisfiable elements
/// among others are left out. The spans keep the order asked for, unless together they exceed `size`: then
/// they are merged where they touch, so that no request makes more than one film's worth of bytes. No ranges:
/// `whole`.
[[nodiscard]] SelectedRanges select_ranges(const std::vector<protocol::ByteRange>& ranges,
                                           std::uint64_t size);

}  // namespace carrel::streamer
