#pragma once

#include <cstdint>
#include <span>

#include "streamer/index/format.hpp"

/// How the samples of a segment lie in its `mdat`. Pure.
namespace carrel::streamer {

/// Foreign bytes (another track's samples, container headers) may make up 1/32 of a segment.
inline constexpr std::uint64_t kMostGapsOf = 32;

struct SegmentLayout {
  std::uint64_t mdat_bytes = 0;  ///< without the box header
  std::uint32_t runs = 1;        ///< of samples without a gap: one `trun` each
};

/// Where the gaps between the samples are few enough, the film is sent as one range with the gaps in it,
/// which costs what a plain range does (docs/benchmarks.md); no `trun` points at a gap. Else the samples are
/// put side by side, in one run.
[[nodiscard]] SegmentLayout layout_of(std::span<const SampleRecord> samples);

/// `next` begins where `last` ends. Samples without bytes belong to any run.
[[nodiscard]] bool adjoins(const SampleRecord& last, const SampleRecord& next);

}  // namespace carrel::streamer
