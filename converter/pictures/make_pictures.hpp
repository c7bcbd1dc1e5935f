#pragma once

#include "base/error.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::converter {

/// What protocol::Pictures asks for. `film`, `index` and `out` stay the caller's. A film of which nothing can
/// be shown, or that cannot be read, is a result (its id is 0); a picture that cannot be decoded is grey.
/// ErrorKind::internal: `out` cannot be written, or there is no memory.
[[nodiscard]] Result<protocol::PicturesMade> make_pictures(int film, int index, int out,
                                                           const protocol::Pictures& request);

}  // namespace carrel::converter
