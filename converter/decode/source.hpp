#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"

namespace carrel::converter {

/// The picture track of a film, by its index: no demuxer is needed.
class Source {
 public:
  /// `film` stays the caller's and must outlive the source. With a reason for people, ErrorKind::invalid: the
  /// film has no picture that can be decoded. ErrorKind::conflict: the index is none, or not this film's.
  [[nodiscard]] static Result<Source> open(int film, int index);

  [[nodiscard]] const streamer::IndexView& index() const { return *index_; }
  [[nodiscard]] const streamer::IndexView::Track& track() const { return *track_; }
  [[nodiscard]] const streamer::TrackInfo& info() const { return track_->info; }
  [[nodiscard]] std::span<const streamer::SampleRecord> samples() const { return track_->samples; }
  /// Presentation time of a sample, ticks.
  [[nodiscard]] std::int64_t shown(std::size_t sample) const { return shown_[sample]; }
  [[nodiscard]] bool is_sync(std::size_t sample) const;

  /// A sample's bytes; none where the film is damaged. An error says that the film could not be read this
  /// time.
  [[nodiscard]] Result<std::optional<std::string>> bytes(std::size_t sample) const;
  /// ErrorKind::conflict: the film is no longer what was indexed.
  [[nodiscard]] Result<void> unchanged() const;

 private:
  Source(int film, std::shared_ptr<const streamer::IndexView> index, const streamer::IndexView::Track& track);

  int film_;
  std::shared_ptr<const streamer::IndexView> index_;
  const streamer::IndexView::Track* track_;
  std::vector<std::int64_t> shown_;
};

}  // namespace carrel::converter
