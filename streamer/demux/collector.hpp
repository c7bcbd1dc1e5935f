#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/describe_track.hpp"
#include "streamer/demux/descriptions.hpp"
#include "streamer/demux/framing.hpp"
#include "streamer/demux/picture_order.hpp"
#include "streamer/demux/pieces.hpp"
#include "streamer/demux/raw_sample.hpp"
#include "streamer/demux/scatter_locator.hpp"
#include "streamer/demux/sound_lengths.hpp"

namespace carrel::streamer {

/// Gathers the samples of one wanted track, proving each. When too many cannot be proven the track is refused
/// and takes no more.
class Collector {
 public:
  Collector(DescribedTrack track, ScatterLocator locator);

  void take(const AVPacket& packet);
  /// Decides what only the whole track tells. To be called once, after the last packet.
  void finish();
  /// Leaves out sound that an edit list hides at its beginning, but for what a decoder needs. After finish().
  void drop_hidden_beginning();
  void refuse(std::string why);
  /// The samples stay, to be decoded instead of sent: have_decoded().
  void decode_instead(std::string obstacle);

  [[nodiscard]] const DescribedTrack& track() const { return track_; }
  [[nodiscard]] std::size_t count() const { return samples_.size(); }
  [[nodiscard]] bool refused() const { return !track_.refusal.empty(); }
  /// What is wrong with the track, for people: "has …"; the film's findings say of which.
  void find(std::string what) { findings_.push_back(std::move(what)); }
  /// Of the pictures at which a player can begin without errors there are too few: see entries_of().
  void cut_at_open_entries();
  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }
  /// Ticks that the container gives the last sample; 0: it does not say.
  [[nodiscard]] std::int64_t last_duration() const { return last_duration_; }
  [[nodiscard]] std::vector<RawSample> take_samples() { return std::move(samples_); }
  /// See Bitstream.
  [[nodiscard]] bool shown_as_stored() const { return bitstream_ && bitstream_->shown_as_stored(); }
  [[nodiscard]] PieceList& pieces() { return pieces_; }
  void complete(TrackInfo& info, double frames_per_second) const;

 private:
  [[nodiscard]] std::string why_unfit(const AVPacket& packet) const;
  void meet_sound(const AVPacket& packet, Bytes bytes);
  [[nodiscard]] bool frame(Bytes bytes, std::optional<Framed>& framed);
  void lose_frame();
  void place(RawSample& sample, Bytes bytes, std::span<const Run> runs, const std::optional<Framed>& framed);
  [[nodiscard]] bool belongs_to_last(Bytes bytes, const std::optional<Framed>& framed);
  void join(Bytes bytes, std::span<const Run> runs, const std::optional<Framed>& framed);
  void meet_configuration(const AVPacket& packet);
  void follow_descriptions();
  void settle_configuration();
  [[nodiscard]] bool lacks_sets() const;
  void meet_first_sets();
  void miss_beginning(const AVPacket& packet);
  void tell_missed_beginning();
  void meet_order(RawSample& sample, const AVPacket& packet);
  [[nodiscard]] std::int64_t ticks(std::int64_t units) const;

  DescribedTrack track_;
  ScatterLocator locator_;
  std::unique_ptr<Bitstream> bitstream_;  // null for audio
  std::unique_ptr<PictureOrder> order_;   // where the container does not tell
  std::unique_ptr<Framing> framing_;      // null: packets are samples
  Descriptions descriptions_;
  std::unique_ptr<SoundLengths> lengths_;
  std::vector<RawSample> samples_;
  PieceList pieces_;
  std::uint64_t bytes_ = 0;             // of the samples
  unsigned units_ = 0;                  // packets that were joined to the last sample
  std::size_t lost_ = 0;                // packets that were not found in the film
  std::int64_t missed_from_ = kNoTime;  // pictures from there on are left out before the first
  std::int64_t last_duration_ = 0;
  std::uint32_t last_trailing_ = 0;
  bool lacks_entries_ = false;  // without errors: not one
  std::vector<std::string> findings_;
};

}  // namespace carrel::streamer
