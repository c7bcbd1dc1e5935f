#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "converter/decode/decoder.hpp"
#include "converter/decode/source.hpp"

namespace carrel::converter {

/// Finds single frames of a film.
class FrameFinder {
 public:
  /// As Decoder::open().
  [[nodiscard]] static Result<FrameFinder> open(const Source& source);

  /// The frame that is shown at `ticks`, or its nearest sync sample at or before that time, valid until the
  /// next call. Times that ascend are found without starting over. Null: it cannot be decoded. An error: the
  /// film could not be read.
  [[nodiscard]] Result<AVFrame*> exact(std::int64_t ticks);
  [[nodiscard]] Result<AVFrame*> sync(std::int64_t ticks);

  /// Which sync sample sync() would decode.
  [[nodiscard]] std::size_t entry_before(std::int64_t ticks) const;

 private:
  FrameFinder(const Source& source, std::unique_ptr<Decoder> decoder);
  /// Keeps the frame if it is shown at or before `ticks` (or there is none yet); true once it is found.
  [[nodiscard]] bool note(AVFrame& frame, std::int64_t wanted);
  void start_at(std::size_t entry);

  const Source* source_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<std::size_t> entries_;  ///< sync samples, by their presentation times
  std::vector<std::int64_t> shown_;   ///< all presentation times, sorted
  std::optional<std::size_t> entry_;  ///< where the decoder was started
  std::size_t next_ = 0;              ///< the sample it gets next
  bool finished_ = false;
  libav::Frame kept_, ahead_;
};

}  // namespace carrel::converter
