#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "streamer/package/sound_frames.hpp"
#include "streamer/protocol/message.hpp"
#include "streamer/respond/body.hpp"

namespace carrel::streamer {

class IndexView;
struct WholeFilm;

/// One resource of HLS or DASH, planned: its type and its bytes. Pure functions of the index: the same bytes
/// whenever and by whichever sandbox. ErrorKind::not_found: no such track or segment. ErrorKind::invalid: the
/// index lies.
struct Packaged {
  std::string content_type;
  Pieces body;
  std::string made_from{};  ///< what it depends on beside the film and its index, for entity tags
};

[[nodiscard]] Result<Packaged> package_master(const WholeFilm& film);
[[nodiscard]] Result<Packaged> package_dash(const WholeFilm& film);
[[nodiscard]] Result<Packaged> package_media_playlist(const IndexView& index, std::uint32_t track,
                                                      protocol::Form form = protocol::Form::source);
[[nodiscard]] Result<Packaged> package_iframe_playlist(const IndexView& index, std::uint32_t track);
/// For players that know MPEG-TS only: the picture with one sound, without its variants, and the subtitles.
[[nodiscard]] Result<Packaged> package_ts_master(const WholeFilm& film);
[[nodiscard]] Result<Packaged> package_ts_playlist(const IndexView& index, std::uint32_t track);
[[nodiscard]] Result<Packaged> package_ts_segment(const std::shared_ptr<const IndexView>& index,
                                                  std::uint32_t track, std::uint32_t segment,
                                                  const FrameSource& frames);
[[nodiscard]] Result<Packaged> package_init(const IndexView& index, std::uint32_t track);
[[nodiscard]] Result<Packaged> package_segment(const IndexView& index, std::uint32_t track,
                                               std::uint32_t segment);

}  // namespace carrel::streamer
