#pragma once

#include <cstdint>
#include <memory>

#include "base/error.hpp"
#include "streamer/transcode/planes.hpp"

namespace carrel::streamer {

/// Changes a sample rate so that the same place of the same sound gives the same samples, wherever it was
/// begun: it begins only where samples of both rates coincide, far enough ahead. Positions count samples from
/// the index's zero.
class Resampler {
 public:
  /// `first_out`: the first sample that is wanted.
  [[nodiscard]] static Result<Resampler> make(std::uint32_t from, std::uint32_t to, std::size_t channels,
                                              std::int64_t first_out);
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;
  ~Resampler();

  /// The position of the first sample to be fed; all that follow without a gap.
  [[nodiscard]] std::int64_t first_in() const;
  /// Appends what is ready. Where the rates are the same this only copies.
  void feed(const Planes& in, Planes& out);

 private:
  struct Parts;
  explicit Resampler(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace carrel::streamer
