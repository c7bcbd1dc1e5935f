#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/subtitles.hpp"
#include "streamer/protocol/plays.hpp"
#include "tests/fuzz/require.hpp"

namespace carrel::fuzz {

/// Whose film bytes are not there to be read, so that what is made later fails, or has nothing but zeros.
inline int no_film() {
  static const int film = [] {
    const int made = ::memfd_create("no film", MFD_CLOEXEC);
    require(::ftruncate(made, 1 << 20) == 0);
    return made;
  }();
  return film;
}

/// Frames as large as they may be, with those next to them that are as small.
class AnyFrames : public streamer::SoundFrames {
 public:
  AnyFrames(const streamer::AacPlan& plan, const streamer::FrameRange& frames) {
    constexpr std::size_t least = 4;  // a frame of silence in one channel
    const auto large = static_cast<std::size_t>(std::min<std::uint64_t>(aac_room(plan, frames) / 2, 1'536));
    std::uint64_t room = aac_room(plan, frames) - frames.count * least;
    for (std::uint32_t i = 0; i < frames.count; ++i) {
      const std::size_t size = i % 2 == 0 && room >= large ? large : least;
      room -= size - least;
      frames_.emplace_back(size, '\0');
    }
  }
  bool made() const override { return made_; }
  Result<void> make(int /*film*/, std::chrono::steady_clock::time_point /*until*/) override {
    made_ = true;
    return {};
  }
  const std::vector<std::string>& frames() const override { return frames_; }

 private:
  bool made_ = false;
  std::vector<std::string> frames_;
};

inline std::shared_ptr<streamer::SoundFrames> any_frames(std::uint32_t /*track*/,
                                                         const streamer::AacPlan& plan,
                                                         const streamer::FrameRange& frames) {
  return std::make_shared<AnyFrames>(plan, frames);
}

inline void require_made(const streamer::LaterBytes& later) {
  constexpr std::uint64_t most = 256 * 1024;
  std::string bytes(std::min(later.length, most), '\0');
  static_cast<void>(later.maker->make(no_film(), later.offset, bytes));
  static_cast<void>(later.maker->make(no_film(), later.offset + later.length - bytes.size(), bytes));
}

inline void require_inside(const streamer::IndexView& index, const Result<streamer::Packaged>& packaged) {
  if (!packaged) return;
  for (const streamer::Piece& piece : packaged->body) {
    if (const auto* strided = std::get_if<streamer::StridedBytes>(&piece))
      require(film_end(*strided) <= index.film_bytes());
    if (const auto* later = std::get_if<streamer::LaterBytes>(&piece)) require_made(*later);
    const auto* bytes = std::get_if<streamer::FilmBytes>(&piece);
    require(bytes == nullptr ||
            (bytes->length <= index.film_bytes() && bytes->offset <= index.film_bytes() - bytes->length));
  }
}

/// What is no picture and no sound: made whole, in memory, so that there has to be a bound.
inline void package_texts(const streamer::IndexView& index) {
  constexpr std::size_t most = 65U << 20;
  std::size_t all = 0;
  const auto check = [&](const Result<streamer::Packaged>& packaged) {
    require_inside(index, packaged);
    std::size_t made = packaged || packaged.error().kind == ErrorKind::not_found ? 0 : most;
    if (packaged) {
      for (const streamer::Piece& piece : packaged->body)
        if (const auto* bytes = std::get_if<streamer::MadeBytes>(&piece)) made += bytes->size();
    }
    require(made <= most);
    all += made;
  };
  check(package_chapters_json(index));
  check(package_chapters_vtt(index));
  for (std::uint32_t track = 0; track <= index.tracks().size(); ++track) {
    check(package_cue_playlist(index, track));
    check(package_subtitles(index, track));
    check(package_subtitle_document(index, track));
    check(package_subtitle_index(index, track));
    // Many more take longer than a fuzzer waits.
    for (std::uint32_t segment = 0; segment < 8 && all < most; ++segment)
      check(package_cue_segment(index, track, segment, std::uint64_t{segment} << 32U));
    if (all >= most) return;
  }
}

/// Packages every resource of the index, the first segments of each track: none reaches beyond the film.
inline void package_everything(const streamer::IndexView& index) {
  // Its own index as that of a variant, which is as good a lie as any.
  const std::shared_ptr<const streamer::IndexView> same(std::shared_ptr<void>(), &index);
  for (const std::uint32_t plays :
       {0U, protocol::bit_of(protocol::Plays::aac), protocol::kPlaysAll, protocol::kVariantsOnly}) {
    const streamer::WholeFilm film{index, {{"720p", same}}, plays};
    require_inside(index, package_master(film));
    require_inside(index, package_dash(film));
  }
  package_texts(index);
  // The same whatever the client plays.
  require_inside(index, package_ts_master(streamer::WholeFilm{index, {{"720p", same}}, 0}));
  for (std::uint32_t track = 0; track <= index.tracks().size(); ++track) {
    for (const auto form : {protocol::Form::source, protocol::Form::aac_stereo, protocol::Form::aac_surround})
      require_inside(index, package_media_playlist(index, track, form));
    require_inside(index, package_iframe_playlist(index, track));
    require_inside(index, package_ts_playlist(index, track));
    for (std::uint32_t segment = 0; segment < 8; ++segment)
      require_inside(index, package_ts_segment(same, track, segment, any_frames));
    require_inside(index, package_init(index, track));
    for (std::uint32_t segment = 0; segment < 64; ++segment) {
      const auto packaged = package_segment(index, track, segment);
      require_inside(index, packaged);
      if (packaged.has_error() && packaged.error().kind == ErrorKind::not_found) break;
    }
  }
}

}  // namespace carrel::fuzz
