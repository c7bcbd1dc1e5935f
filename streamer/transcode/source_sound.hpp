#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/transcode/decoder.hpp"
#include "streamer/transcode/mix.hpp"
#include "streamer/transcode/planes.hpp"
#include "streamer/transcode/resampler.hpp"
#include "streamer/transcode/source_span.hpp"

namespace carrel::streamer {

/// Reads bytes of the film. ErrorKind::invalid: it ends before them.
using ReadPieces = std::function<Result<std::string>(const Pieces&)>;

/// A stretch of a track's sound, decoded and mixed and at the rate that is wanted, from a fixed distance
/// before it on. All by absolute position: gaps in the film and what is damaged are silent, overlaps are
/// dropped.
class SourceSound {
 public:
  struct Wanted {
    std::uint32_t rate = 48000;
    std::size_t channels = 2;
    std::int64_t from = 0, to = 0;              ///< samples of `rate` from the index's zero; may be negative
    std::int64_t heard_from = 0, heard_to = 0;  ///< silence outside
  };

  /// `index` outlives this, as does the plan that was made of it without an error.
  [[nodiscard]] static Result<SourceSound> make(const IndexView& index, const IndexView::Track& track,
                                                const Wanted& wanted);

  /// Does a little: at most one coded sample is decoded. Once `to` is reached nothing more comes.
  [[nodiscard]] Result<void> step(const ReadPieces& read);
  /// What is ready and was not taken yet; without a gap from Wanted::from on.
  [[nodiscard]] const Planes& ready() const { return ready_; }
  void taken(std::size_t count) { ready_.drop_front(count); }

 private:
  /// Sound between decoder and resampler, at its own rate.
  struct Part {
    std::uint32_t rate = 0;
    std::int64_t begin = 0;
    Planes sound;
  };

  SourceSound(const IndexView& index, const IndexView::Track& track, const Wanted& wanted, Decoder decoder);
  [[nodiscard]] Result<void> decode_next(const ReadPieces& read);
  [[nodiscard]] Result<std::string> bytes_of(const SampleRecord& sample, const ReadPieces& read) const;
  void begin_span();
  void take(const Decoded& decoded);
  void settle(std::int64_t told);
  void begin_stage(std::uint32_t rate);
  void pass_on();
  void feed(const Planes& sound);
  void feed_silence(std::int64_t count);
  [[nodiscard]] std::int64_t at_rate(std::int64_t position, std::uint32_t rate) const;

  const IndexView* index_;
  const IndexView::Track* track_;
  Wanted wanted_;
  Decoder decoder_;
  SourceSpan span_;
  std::size_t next_ = 0;  ///< of the span
  bool finished_ = false;

  std::uint32_t rate_ = 0;             ///< of what is decoded; 0: nothing was yet
  std::optional<std::int64_t> head_;   ///< where what the decoder gives next begins
  std::int64_t least_ = 0, most_ = 0;  ///< by how much head_ may be wrong, as far as the film's times tell
  bool settled_ = false;

  std::uint64_t mask_ = 0;
  MixMatrix matrix_;
  std::deque<Part> parts_;

  std::optional<Resampler> resampler_;
  std::uint32_t stage_rate_ = 0;
  std::int64_t fed_ = 0;  ///< position that the resampler is fed next, at stage_rate_
  std::int64_t made_;     ///< position after ready_, at the wanted rate
  Planes ready_;
};

}  // namespace carrel::streamer
