#pragma once

#include <span>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/respond/body.hpp"

/// From what the index says of samples and documents to the pieces of a body. What adjoins becomes one piece.
namespace carrel::streamer {

/// A sample that samples_of() has passed. ErrorKind::invalid: its pieces do not hold.
[[nodiscard]] Result<void> append_sample(Pieces& to, const IndexView& index, const IndexView::Track& track,
                                         const SampleRecord& sample);

/// Pieces of `track` that were found inside of the film and the literals.
void append_pieces(Pieces& to, const IndexView::Track& track, std::span<const PieceRecord> pieces);

}  // namespace carrel::streamer
