#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/protocol/open_sidecar.hpp"

namespace carrel::streamer {

/// Told how many bytes of the film were read so far, as often as the indexer likes.
using IndexProgressFn = std::function<void(std::uint64_t film_bytes_read)>;

/// index_film() of streamer/demux, or a test's own.
using IndexFilmFn = std::function<Result<protocol::Indexed>(int film, std::string extension, int index,
                                                            IndexProgressFn progress,
                                                            std::vector<protocol::OpenSidecar> sidecars)>;

/// A worker's whole life: Hello, one Index message, IndexProgress at most twice a second while `index_film`
/// makes progress, Indexed. `control` is connected. ErrorKind::unavailable: the daemon went away;
/// ErrorKind::invalid: it sent something else than one Index; ErrorKind::timeout: it sent or took nothing for
/// a minute.
[[nodiscard]] Result<void> run_index_job(int control, const IndexFilmFn& index_film);

/// Cuts texts and lists so that the message can be sent whatever the film says of itself.
[[nodiscard]] protocol::Indexed bounded(protocol::Indexed indexed);

}  // namespace carrel::streamer
