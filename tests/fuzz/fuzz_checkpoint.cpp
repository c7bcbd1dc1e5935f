// What a converter that was taken over left for the next one.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "converter/plan/checkpoint.hpp"
#include "streamer/index/checksum.hpp"
#include "tests/fuzz/require.hpp"

namespace {

constexpr std::size_t kHeadBytes = 64, kRecordBytes = 24, kFrameBytes = 16, kSumBytes = 8, kFramesAt = 12;

void sum(std::span<std::byte> bytes, std::span<std::byte> into) {
  carrel::streamer::Checksum checksum;
  checksum.update(bytes);
  const std::uint64_t digest = checksum.digest();
  std::memcpy(into.data(), &digest, sizeof digest);
}

/// Checksums are no defence against who can compute them: made right, so that the search goes on behind them.
void make_checksums_right(std::span<std::byte> file) {
  if (file.size() < kHeadBytes) return;
  sum(file.first(kHeadBytes - kSumBytes), file.subspan(kHeadBytes - kSumBytes));
  for (auto rest = file.subspan(kHeadBytes); rest.size() >= kRecordBytes;) {
    std::uint32_t frames = 0;
    std::memcpy(&frames, rest.data() + kFramesAt, sizeof frames);
    if (frames > (rest.size() - kRecordBytes) / kFrameBytes) return;
    const std::size_t length = kRecordBytes + frames * kFrameBytes;
    sum(rest.first(length).subspan(kSumBytes), rest);
    rest = rest.subspan(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace carrel::converter;
  using carrel::fuzz::require;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  make_checksums_right(std::as_writable_bytes(std::span(bytes)));
  auto found = read_checkpoint(std::as_bytes(std::span(bytes)));
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
