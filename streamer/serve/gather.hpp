#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "streamer/respond/body.hpp"

namespace carrel::streamer {

/// A run of film bytes shorter than this is cheaper to copy beside its neighbours than to send by itself.
inline constexpr std::uint64_t kSmallRun = 16 * 1024;
inline constexpr std::size_t kGatherBytes = 64 * 1024;

/// Where a body is being sent from: bytes before it are sent.
struct Cursor {
  std::size_t piece = 0;
  std::uint64_t offset = 0;  ///< inside that piece
};

/// The piece at `cursor` is a long film run, to be sent from its descriptor.
[[nodiscard]] bool at_long_run(const Pieces& pieces, const Cursor& cursor);

/// Copies made bytes and short film runs from `cursor` on into `buffer` (appending, up to kGatherBytes in
/// all) and moves the cursor behind them. Stops at a long run or the end. `film` is read with pread.
/// ErrorKind::invalid: the film ends before a run does.
[[nodiscard]] Result<void> gather(const Pieces& pieces, Cursor& cursor, int film, std::string& buffer);

/// Copies at most kGatherBytes of the film run at `cursor`, however long it is.
[[nodiscard]] Result<void> copy_run(const Pieces& pieces, Cursor& cursor, int film, std::string& buffer);

}  // namespace carrel::streamer
