#pragma once

#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"
#include "streamer/serve/packager.hpp"
#include "streamer/serve/transfer.hpp"

namespace carrel::streamer {

/// Checks a request's descriptors, plans its answer and leaves out what the client has already. An error
/// means that nothing was sent; the descriptors are closed then.
[[nodiscard]] Result<Transfer> begin_transfer(const protocol::Serve& request,
                                              std::vector<UniqueFd> descriptors, Packager& packager);

}  // namespace carrel::streamer
