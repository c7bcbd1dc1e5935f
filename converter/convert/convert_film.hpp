#pragma once

#include <cstdint>
#include <functional>

#include "base/error.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::converter {

/// The descriptors of protocol::Convert; they stay the caller's.
struct ConvertFiles {
  int film = -1, index = -1, media = -1, variant_index = -1, checkpoint = -1;
};

/// What protocol::Convert asks for. `progress` is told how much of the film is made, at least for every
/// sample that is decoded. A film that cannot be converted is a result (its id is 0). What an earlier call
/// left in media and checkpoint is gone on with when it was the same work, and the result has the same bytes
/// as if it had not been interrupted. ErrorKind::internal: a descriptor failed, or an encoder did.
[[nodiscard]] Result<protocol::Converted> convert_film(const ConvertFiles& files,
                                                       const protocol::Convert& request,
                                                       const std::function<void(std::uint64_t)>& progress);

}  // namespace carrel::converter
