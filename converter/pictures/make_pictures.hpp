#pragma once

#include "streamer/protocol/message.hpp"

namespace carrel::converter {

/// What protocol::Pictures asks for. `film`, `index` and `out` stay the caller's. A picture that cannot be
/// decoded is grey. What could not be made is answered with the reason, and with may_work_later when a
/// descriptor failed, or there was no memory. The id is 0.
[[nodiscard]] protocol::PicturesMade make_pictures(int film, int index, int out,
                                                   const protocol::Pictures& request);

}  // namespace carrel::converter
