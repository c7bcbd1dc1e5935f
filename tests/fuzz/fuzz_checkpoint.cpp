// What a converter that was taken over left for the next one.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "converter/plan/checkpoint.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace carrel::converter;
  using carrel::fuzz::require;
  auto found = read_checkpoint(std::as_bytes(std::span(data, size)));
  if (!found) return 0;
  require(found->bytes <= size);
  // What was believed says the same when it is written again.
  std::string again = write_head(found->head);
  for (std::size_t i = 0; i < found->segments.size(); ++i)
    again += write_segment(static_cast<std::uint32_t>(i), found->segments[i]);
  require(again.size() == found->bytes);
  const auto second = read_checkpoint(std::as_bytes(std::span(again)));
  require(second && second->head == found->head && second->segments.size() == found->segments.size());
  FramePlan plan;
  for (const CheckpointSegment& segment : found->segments) {
    const std::size_t first = plan.times.size();
    for (const MadeFrame& frame : segment.frames) plan.times.push_back(frame.time);
    plan.segments.push_back({0, first, segment.frames.size(), false});
  }
  keep_usable(*found, plan, UINT64_MAX / 2);
  require(found->bytes <= size);
  return 0;
}
