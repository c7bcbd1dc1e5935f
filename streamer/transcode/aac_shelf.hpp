#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "streamer/transcode/aac_frames.hpp"

namespace carrel::streamer {

/// What tells frames of AAC apart in a sandbox that serves several films.
struct AacKey {
  std::uint64_t index_device = 0, index_inode = 0;
  std::int64_t index_mtime_ns = 0;
  std::uint32_t track = 0;
  std::uint16_t channels = 2;
  FrameRange frames;
  bool operator==(const AacKey&) const = default;
};

/// The frames that were asked for last, made or under way: a second request for a segment (the rest of a
/// range, a retry) makes them no second time.
class AacShelf {
 public:
  using Make = std::function<std::shared_ptr<AacFrames>()>;
  explicit AacShelf(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  [[nodiscard]] std::shared_ptr<AacFrames> get(const AacKey& key, const Make& make);

 private:
  std::uint64_t most_bytes_;
  std::list<std::pair<AacKey, std::shared_ptr<AacFrames>>> entries_;  ///< latest first
};

}  // namespace carrel::streamer
