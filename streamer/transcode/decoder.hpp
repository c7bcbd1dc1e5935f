#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/transcode/planes.hpp"

namespace carrel::streamer {

/// Sound that came out of the decoder.
struct Decoded {
  std::int64_t sample =
      -1;  ///< number of the coded sample that it begins with; -1: it follows what came before
  std::uint32_t rate = 0;
  std::uint64_t mask = 0;  ///< loudspeakers; as many as there are rows
  Planes sound;
};

/// Decodes one track. Damaged samples give nothing, and are no error.
class Decoder {
 public:
  /// ErrorKind::invalid: there is no decoder for this track, or its parameters are none.
  [[nodiscard]] static Result<Decoder> make(const IndexView::Track& track);
  Decoder(Decoder&&) noexcept;
  ~Decoder();

  /// The coded sample of this number; `take` is called for each piece of sound that is ready.
  void decode(std::int64_t sample, std::string_view bytes, const std::function<void(const Decoded&)>& take);
  /// What it still holds back.
  void finish(const std::function<void(const Decoded&)>& take);

 private:
  struct Parts;
  explicit Decoder(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace carrel::streamer
