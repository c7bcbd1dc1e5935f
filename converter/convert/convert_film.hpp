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
/// sample that is decoded. What an earlier call left in media and checkpoint is gone on with when it was the
/// same work, and the result has the same bytes as if it had not been interrupted. What could not be made is
/// answered with the reason, and with may_work_later when a descriptor failed, or an encoder did. The id is 0.
[[nodiscard]] protocol::Converted convert_film(const ConvertFiles& files, const protocol::Convert& request,
                                               const std::function<void(std::uint64_t)>& progress);

}  // namespace carrel::converter
