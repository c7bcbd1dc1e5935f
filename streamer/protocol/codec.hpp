#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::protocol {

/// Throws std::length_error when a field is beyond the bounds of message.hpp: the sender has to keep them.
[[nodiscard]] std::vector<std::byte> encode(const Message& message);

/// Any bytes may come in. Fails with ErrorKind::invalid on an unknown version or type, a length, count or
/// enum value out of bounds, missing or trailing bytes. Never allocates more than the input's own order of
/// size.
[[nodiscard]] Result<Message> decode(std::span<const std::byte> bytes);

}  // namespace carrel::protocol
