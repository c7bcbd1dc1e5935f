#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/respond/read_pieces.hpp"

namespace carrel::streamer {

/// A run of film bytes shorter than this is cheaper to copy beside its neighbours than to send by itself:
/// each call of sendfile costs a wake-up of the receiver, and cuts short what was gathered before it. A video
/// frame usually is one such run (docs/benchmarks.md).
inline constexpr std::uint64_t kSmallRun = 128 * 1024;
inline constexpr std::size_t kGatherBytes = 256 * 1024;

/// Bytes gathered to be sent with one call. Its memory is made once and never cleared.
class SendBuffer {
 public:
  [[nodiscard]] std::size_t room() const { return kGatherBytes - filled_; }
  [[nodiscard]] std::span<const char> unsent() const { return {bytes_.get() + sent_, filled_ - sent_}; }
  void sent(std::size_t count) { sent_ += count; }
  void clear() { filled_ = sent_ = 0; }
  /// `count` ≤ room() bytes behind those already there, for the caller to write.
  [[nodiscard]] std::span<char> extend(std::size_t count);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t filled_ = 0, sent_ = 0;
};

/// Where a body is being sent from: bytes before it are sent.
struct Cursor {
  std::size_t piece = 0;
  std::uint64_t offset = 0;  ///< inside that piece
};

/// The piece at `cursor` is a long film run, to be sent from its descriptor.
[[nodiscard]] bool at_long_run(const Pieces& pieces, const Cursor& cursor);

/// The maker of what is at `cursor`, where it has to work first; else null.
[[nodiscard]] BodyMaker* unprepared(const Pieces& pieces, const Cursor& cursor);

/// Copies made bytes, those made only now, parts with a stride and short film runs from `cursor` on into
/// `buffer` (appending, up to kGatherBytes in all) and moves the cursor behind them. Stops at a long run,
/// at what has to be prepared, and at the end. `film` is read with pread. ErrorKind::invalid: the film ends
/// before a run does.
[[nodiscard]] Result<void> gather(const Pieces& pieces, Cursor& cursor, int film, SendBuffer& buffer);

/// Copies as much as there is room for of the film run at `cursor`, however long it is.
[[nodiscard]] Result<void> copy_run(const Pieces& pieces, Cursor& cursor, int film, SendBuffer& buffer);

}  // namespace carrel::streamer
