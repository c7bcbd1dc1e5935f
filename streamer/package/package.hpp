#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "streamer/respond/body.hpp"

namespace carrel::streamer {

class IndexView;

/// One HLS resource, planned: its type and its bytes. Pure functions of the index: the same bytes whenever
/// and by whichever sandbox. ErrorKind::not_found: no such track or segment. ErrorKind::invalid: the index
/// lies.
struct Packaged {
  std::string content_type;
  Pieces body;
};

[[nodiscard]] Result<Packaged> package_master(const IndexView& index);
[[nodiscard]] Result<Packaged> package_media_playlist(const IndexView& index, std::uint32_t track);
[[nodiscard]] Result<Packaged> package_init(const IndexView& index, std::uint32_t track);
[[nodiscard]] Result<Packaged> package_segment(const IndexView& index, std::uint32_t track,
                                               std::uint32_t segment);

}  // namespace carrel::streamer
