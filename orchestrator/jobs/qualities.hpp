#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/jobs/ladder.hpp"
#include "orchestrator/library/video.hpp"
#include "orchestrator/store/jobs.hpp"
#include "orchestrator/store/variants.hpp"

/// What a viewer can choose from, and what to begin with. Pure.
namespace carrel::jobs {

inline constexpr std::string_view kOriginal = "original";

enum class QualityState { ready, making, waiting, possible, failed };
[[nodiscard]] std::string_view to_string(QualityState state);

struct Quality {
  std::string id;     ///< "original", or a variant's name
  std::string label;  ///< for people: "Original (1080p)"
  std::uint32_t width = 0, height = 0;
  std::uint64_t bandwidth = 0;  ///< bits a second, with the default sound
  std::string codecs;           ///< RFC 6381; of one that is not made, of its picture
  QualityState state = QualityState::ready;
  double progress = 0;  ///< 0 to 1, of one that is being made
  bool operator==(const Quality&) const = default;
};

/// The original first, then by lines. `variants` and `jobs` are those of this film, as it is now.
[[nodiscard]] std::vector<Quality> qualities_of(const library::Video& video,
                                                std::span<const store::VariantRow> variants,
                                                std::span<const store::JobRow> jobs);

/// What a page knows of the device; what is not known is left out.
struct Device {
  std::optional<std::uint64_t> network_kbps;
  std::optional<std::uint32_t> screen_width, screen_height;  ///< pixels of the device
  std::uint32_t plays = 0;                                   ///< protocol::Plays; 0: not known
};

/// The id of the one to begin with: it plays there, comes over that network with some to spare, and has no
/// more lines than the screen can show. Empty: none is ready.
[[nodiscard]] std::string default_quality(std::span<const Quality> qualities, const Device& device);

}  // namespace carrel::jobs
