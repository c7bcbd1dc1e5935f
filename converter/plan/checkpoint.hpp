#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/plan/frame_plan.hpp"

/// What a conversion leaves after each segment, so that a later converter goes on from there. Little endian:
/// a head with a checksum, then a record with a checksum for each segment. Pure.
namespace carrel::converter {

inline constexpr std::uint32_t kCheckpointVersion = 1;
inline constexpr std::size_t kMaxCheckpointBytes = 512U << 20;

/// What the work depends on: another head is another work.
struct CheckpointHead {
  std::uint64_t film_bytes = 0;
  std::int64_t film_mtime_ns = 0;
  std::uint64_t plan_checksum = 0;
  std::uint32_t width = 0, height = 0;
  std::uint32_t bits_per_second = 0;
  std::uint32_t encoder = 0;  ///< its version, and that of its settings
  bool operator==(const CheckpointHead&) const = default;
};

struct CheckpointSegment {
  std::uint64_t media_end = 0;  ///< where its last byte lies in the media, and one
  std::vector<MadeFrame> frames;
};

struct Checkpoint {
  CheckpointHead head;
  std::vector<CheckpointSegment> segments;  ///< from the first on
  std::size_t bytes = 0;                    ///< of the file that hold this; what follows is torn
};

/// XXH64 of all that the plan says.
[[nodiscard]] std::uint64_t checksum_of(const FramePlan& plan);

[[nodiscard]] std::string write_head(const CheckpointHead& head);
[[nodiscard]] std::string write_segment(std::uint32_t number, const CheckpointSegment& segment);

/// Empty: not a checkpoint, or another version's. Ends before the first record that is not whole, or whose
/// media does not lie behind that of the one before by just the bytes of its frames.
[[nodiscard]] std::optional<Checkpoint> read_checkpoint(std::span<const std::byte> file);

/// Leaves out the segments from the first on that does not fit the plan, or whose bytes the media does not
/// have.
void keep_usable(Checkpoint& checkpoint, const FramePlan& plan, std::uint64_t media_bytes);

}  // namespace carrel::converter
