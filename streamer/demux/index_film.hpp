#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/protocol/open_sidecar.hpp"

namespace carrel::streamer {

/// Reads the film once and writes its index; runs in a worker sandbox, for the film's bytes are not to be
/// trusted. `film`: readable regular file; `index`: empty, writable; both stay the caller's and are used by
/// position only. `progress` is called on this thread with the count of bytes read so far, at least every 64
/// KiB of reading. A film that cannot be read or does not play is a result, not an error: see
/// protocol::Indexed (its id is 0). Where it is readable an index is written, without samples when it does
/// not play. `sidecars`: subtitle files beside the film, whose tracks follow the film's own.
/// ErrorKind::internal: a descriptor failed; nothing usable was written.
[[nodiscard]] Result<protocol::Indexed> index_film(int film, std::string extension, int index,
                                                   std::function<void(std::uint64_t)> progress,
                                                   std::vector<protocol::OpenSidecar> sidecars = {});

}  // namespace carrel::streamer
