#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "streamer/respond/body.hpp"
#include "streamer/respond/ranges.hpp"

namespace carrel::streamer {

struct Multipart {
  std::string content_type;  ///< with the boundary
  Pieces body;
};

/// `bytes 0-99/1000`, RFC 9110 section 14.4.
[[nodiscard]] std::string content_range(const Span& span, std::uint64_t size);

/// multipart/byteranges (RFC 9110 section 14.6) of `whole`. The boundary comes from `etag`, so that the same
/// request gives the same bytes; clients find the parts' ends by Content-Range. `part_type` must be a valid
/// field value.
[[nodiscard]] Multipart make_multipart(const Pieces& whole, const std::string& part_type,
                                       const std::string& etag, const std::vector<Span>& spans);

}  // namespace carrel::streamer
