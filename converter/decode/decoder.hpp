#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "converter/decode/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::converter {

/// One track's decoder, on this thread alone. Damage is no error: what cannot be decoded is left out.
class Decoder {
 public:
  /// ErrorKind::invalid, with a reason for people: there is no decoder for this codec.
  [[nodiscard]] static Result<std::unique_ptr<Decoder>> open(const streamer::TrackInfo& track);

  /// `shown`: its presentation time, which its frame bears. Take all frames after each.
  void send(const std::string& sample, std::int64_t shown);
  /// No more samples: the frames that are held back come out.
  void finish();
  /// The next frame, valid until the next call; null: none before another sample is sent.
  [[nodiscard]] AVFrame* receive();
  /// Forgets everything; the next sample is a sync sample.
  void start_over();

  /// Leave out what no other picture needs, until this is taken back.
  void skip_unneeded(bool skip);
  /// Decode faster than well: for small pictures.
  void be_coarse();

 private:
  explicit Decoder(libav::Context codec);

  libav::Context codec_;
  libav::Packet packet_;
  libav::Frame frame_;
};

}  // namespace carrel::converter
