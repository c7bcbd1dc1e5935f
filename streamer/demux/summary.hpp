#pragma once

#include "streamer/demux/verdict.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::streamer {

/// A film that does not play as a whole offers nothing: takes samples and segments away.
void withdraw_all(FilmIndex& index);

/// What the daemon is told of a readable film, within the bounds of the protocol.
[[nodiscard]] protocol::Indexed summarise(const FilmIndex& index, const Collectors& collectors,
                                          const Container& container, const Verdict& verdict);

}  // namespace carrel::streamer
