#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/bandwidth.hpp"
#include "streamer/protocol/message.hpp"

/// What a playlist offers, as a value: a track as the film has it, sound made into AAC, subtitles, or the
/// picture of a variant. Pure functions of the index; HLS and DASH are written from it alone.
namespace carrel::streamer {

struct RenditionSegment {
  std::uint64_t start = 0;      ///< when its first sample is decoded, ticks
  std::uint64_t presented = 0;  ///< when its first sample is shown or heard, ticks
  std::uint64_t duration = 0;   ///< of its samples, ticks; not 0
  std::uint64_t bytes = 0;      ///< boxes included
  bool operator==(const RenditionSegment&) const = default;
};

struct Rendition {
  MediaKind kind = MediaKind::other;
  Codec codec = Codec::other;
  std::uint32_t track = 0;  ///< of its own index
  protocol::Form form = protocol::Form::source;
  std::string path;  ///< what its playlist's and segments' URLs begin with: "0/", "1/aac2/", "v/720p/0/"
  std::string codec_string;  ///< RFC 6381
  std::string language;      ///< BCP 47; may be empty
  std::string title;         ///< may be empty
  bool is_default = false, forced = false, hearing_impaired = false;
  bool independent = true;  ///< as TrackInfo::independent
  std::uint32_t timescale = 1;
  std::vector<RenditionSegment> segments;  ///< without a gap; of subtitles none
  Bandwidth bandwidth;
  std::uint16_t channels = 0;
  std::uint32_t sample_rate = 0;
  std::uint32_t width = 0, height = 0;              ///< of the coded picture, pixels
  std::uint32_t shown_width = 0, shown_height = 0;  ///< pixel aspect ratio and quarter turns applied
  std::uint32_t aspect_width = 1, aspect_height = 1;
  FrameRate frame_rate;
  Colour colour;
  const IndexView::Track* from = nullptr;  ///< what it is made of; lives as long as the index

  [[nodiscard]] std::uint64_t ticks() const;  ///< of all segments
  [[nodiscard]] std::uint64_t end() const;    ///< of the last segment, presented; 0 without any
};

/// `track` is the index's number `number` and has segments. `folder`: "" or "v/NAME/".
[[nodiscard]] Rendition source_rendition(const IndexView::Track& track, std::uint32_t number,
                                         const std::string& folder = {});
/// Errors as of plan_aac().
[[nodiscard]] Result<Rendition> aac_rendition(const IndexView& index, std::uint32_t number,
                                              protocol::Form form);
[[nodiscard]] Rendition text_rendition(const IndexView::Track& track, std::uint32_t number);

/// "aac2" of Form::aac_stereo, …; empty of Form::source.
[[nodiscard]] std::string_view folder_of(protocol::Form form);

/// "SDR", "PQ" or "HLG".
[[nodiscard]] const char* video_range(const Rendition& picture);
/// Pictures in 1,000 seconds, at their fastest.
[[nodiscard]] std::uint64_t milliframes(const Rendition& picture);

}  // namespace carrel::streamer
