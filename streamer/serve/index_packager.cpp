#include <sys/stat.h>

#include <cerrno>

#include "streamer/index/format.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/subtitles.hpp"
#include "streamer/package/ts_plan.hpp"
#include "streamer/serve/gather.hpp"
#include "streamer/serve/packager.hpp"
#include "streamer/transcode/aac_boxes.hpp"
#include "streamer/transcode/aac_plan.hpp"
#include "streamer/transcode/aac_segment.hpp"
#include "streamer/transcode/aac_shelf.hpp"

namespace carrel::streamer {
namespace {

/// Of the rules in streamer/package: to be raised when they make other bytes from the same index.
constexpr std::uint32_t kPackagingRules = 6;

/// A variant whose index cannot be read is not offered (bad_variants() tells of it): the film still plays.
WholeFilm whole_film(const protocol::Serve& request, const IndexView& index,
                     std::span<const UniqueFd> variants) {
  WholeFilm film{index, {}, request.plays};
  for (std::size_t i = 0; i < variants.size() && i < request.variants.size(); ++i) {
    auto opened = IndexView::open(variants[i].get());
    if (opened) film.variants.push_back({request.variants[i], std::move(*opened)});
  }
  return film;
}

/// About a minute of stereo.
constexpr std::uint64_t kShelfBytes = 2U << 20;

class IndexPackager : public Packager {
 public:
  Result<Packaged> package(const protocol::Serve& request, const FilmFacts& film, int index,
                           std::span<const UniqueFd> variants) override {
    Result<std::shared_ptr<const IndexView>> opened = IndexView::open(index);
    if (!opened) {
      return opened.error();
    }
    const IndexView& view = **opened;
    if (view.film_bytes() != film.size || view.film_mtime_ns() != film.mtime_ns) {
      return make_error(ErrorKind::invalid,
                        "the index was made of a film with another size or time; index the film again");
    }
    const bool media =
        request.resource == protocol::Resource::init || request.resource == protocol::Resource::segment;
    if (media && request.form != protocol::Form::source) {
      return package_aac(request, *opened, index);
    }
    switch (request.resource) {
      case protocol::Resource::master: return package_master(whole_film(request, view, variants));
      case protocol::Resource::dash: return package_dash(whole_film(request, view, variants));
      case protocol::Resource::media_playlist:
        if (has_cues(view, request.track)) return package_cue_playlist(view, request.track);
        return package_media_playlist(view, request.track, request.form);
      case protocol::Resource::iframe_playlist: return package_iframe_playlist(view, request.track);
      case protocol::Resource::ts_master: return package_ts_master(whole_film(request, view, {}));
      case protocol::Resource::ts_playlist:
        if (has_cues(view, request.track)) return package_cue_playlist(view, request.track);
        return package_ts_playlist(view, request.track);
      case protocol::Resource::ts_segment:
        if (has_cues(view, request.track))
          return package_cue_segment(view, request.track, request.segment, kTsOrigin);
        return package_ts(request, *opened, index);
      case protocol::Resource::init: return package_init(view, request.track);
      case protocol::Resource::segment:
        if (has_cues(view, request.track)) return package_cue_segment(view, request.track, request.segment);
        return package_segment(view, request.track, request.segment);
      case protocol::Resource::subtitles: return package_subtitles(view, request.track);
      case protocol::Resource::subtitle_document: return package_subtitle_document(view, request.track);
      case protocol::Resource::subtitle_index: return package_subtitle_index(view, request.track);
      case protocol::Resource::chapters_json: return package_chapters_json(view);
      case protocol::Resource::chapters_vtt: return package_chapters_vtt(view);
      default: break;
    }
    return make_error(ErrorKind::not_found, "this is not made from the index");
  }

  std::uint32_t bad_variants(std::span<const UniqueFd> variants) override {
    std::uint32_t bad = 0;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      const auto opened = IndexView::open(variants[i].get());
      if (!opened && opened.error().kind == ErrorKind::invalid) bad |= protocol::bit_of_variant(i);
    }
    return bad;
  }

  std::uint32_t version() const override { return kIndexVersion << 16U | kPackagingRules; }

 private:
  Result<Packaged> package_aac(const protocol::Serve& request, const std::shared_ptr<const IndexView>& view,
                               int index) {
    const Result<AacPlan> plan = plan_aac(*view, request.track, request.form);
    if (!plan) {
      return plan.error();
    }
    if (request.resource == protocol::Resource::init) {
      return package_aac_init(view->tracks()[request.track], *plan);
    }
    if (request.segment >= plan->segments.size()) {
      return no_segment(request.track, request.segment);
    }
    const auto source = frame_source(view, index);
    if (!source) {
      return source.error();
    }
    auto maker = std::make_shared<AacSegmentMaker>(
        *plan, request.segment, (*source)(request.track, *plan, plan->segments[request.segment].frames));
    const std::uint64_t bytes = maker->bytes();
    Packaged packaged{"audio/mp4", {}};
    packaged.body.emplace_back(LaterBytes{std::move(maker), 0, bytes});
    return packaged;
  }

  Result<Packaged> package_ts(const protocol::Serve& request, const std::shared_ptr<const IndexView>& view,
                              int index) {
    const auto source = frame_source(view, index);
    if (!source) {
      return source.error();
    }
    return package_ts_segment(view, request.track, request.segment, *source);
  }

  /// The shelf's frames of this film.
  Result<FrameSource> frame_source(const std::shared_ptr<const IndexView>& view, int index) {
    struct stat found {};
    if (::fstat(index, &found) != 0) {
      return errno_error("look at the index of a film", errno);
    }
    AacKey of_film;
    of_film.index_device = found.st_dev;
    of_film.index_inode = found.st_ino;
    of_film.index_mtime_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
    return FrameSource(
        [this, view, of_film](std::uint32_t track, const AacPlan& plan, const FrameRange& frames) {
          AacKey key = of_film;
          key.track = track;
          key.channels = plan.channels;
          key.frames = frames;
          return shelf_.get(
              key, [&] { return std::make_shared<AacFrames>(view, track, plan, frames, read_pieces); });
        });
  }

  AacShelf shelf_{kShelfBytes};
};

}  // namespace

std::unique_ptr<Packager> make_index_packager() {
  return std::make_unique<IndexPackager>();
}

}  // namespace carrel::streamer
