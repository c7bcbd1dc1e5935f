#include "converter/decode/source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "converter/plan/frame_plan.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/serve/gather.hpp"

namespace carrel::converter {
namespace {

using streamer::IndexView;
using streamer::MediaKind;
using streamer::TrackUse;

constexpr std::int64_t kNanoseconds = 1'000'000'000;

bool can_be_decoded(const IndexView::Track& track) {
  const bool used = track.info.use == TrackUse::remux || track.info.use == TrackUse::convert;
  return track.info.kind == MediaKind::video && used && !track.samples.empty() && !track.segments.empty();
}

/// The picture that is shown: the default one, else the first.
const IndexView::Track* picture_of(const IndexView& index) {
  const IndexView::Track* first = nullptr;
  for (const IndexView::Track& track : index.tracks()) {
    if (!can_be_decoded(track)) continue;
    if (track.info.is_default) return &track;
    if (first == nullptr) first = &track;
  }
  return first;
}

Result<void> check_unchanged(int film, const IndexView& index) {
  struct stat status {};
  if (::fstat(film, &status) != 0) return errno_error("stat the film", errno);
  const std::int64_t mtime = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
  if (static_cast<std::uint64_t>(status.st_size) != index.film_bytes() || mtime != index.film_mtime_ns())
    return make_error(ErrorKind::conflict, "The film was changed since it was indexed.");
  return {};
}

}  // namespace

Source::Source(int film, std::shared_ptr<const IndexView> index, const IndexView::Track& track)
    : film_(film),
      index_(std::move(index)),
      track_(&track),
      shown_(presentation_times(track.samples, track.segments.front().start)) {}

Result<Source> Source::open(int film, int index) {
  auto view = IndexView::open(index);
  // It is made again, and does then.
  if (!view) return make_error(ErrorKind::conflict, view.error().message);
  const auto unchanged = check_unchanged(film, **view);
  if (!unchanged) return unchanged.error();
  const IndexView::Track* track = picture_of(**view);
  if (track == nullptr) return make_error(ErrorKind::invalid, "The film has no picture that can be decoded.");
  return Source(film, std::move(*view), *track);
}

bool Source::is_sync(std::size_t sample) const {
  return (track_->samples[sample].flags & streamer::kSampleSync) != 0;
}

Result<void> Source::unchanged() const {
  return check_unchanged(film_, *index_);
}

Result<std::optional<std::string>> Source::bytes(std::size_t sample) const {
  const streamer::SampleRecord& record = track_->samples[sample];
  if (record.size > streamer::kMaxSampleBytes) return std::nullopt;
  streamer::Pieces pieces;
  if (!streamer::append_sample(pieces, *index_, *track_, record)) return std::nullopt;
  auto read = streamer::read_pieces(film_, pieces);
  if (read) return std::move(*read);
  if (read.error().kind != ErrorKind::invalid) return read.error();
  const auto same = unchanged();
  if (!same) return same.error();
  return std::nullopt;
}

}  // namespace carrel::converter
