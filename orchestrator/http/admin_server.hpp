#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/http/server.hpp"

namespace carrel::http {

/// The same routes on a Unix socket of mode 0600, where the kernel says who asks (SO_PEERCRED of unix(7)):
/// root and the daemon's own user are administrators, everybody else is refused. The socket's directory is
/// made, with mode 0700, when it is not there; a socket that nobody listens at is replaced. `address()` is
/// the path. The socket's file goes with the server. A listening Unix socket is taken out of `passed`
/// instead: a service manager's, whose file stays, or the predecessor's, if its file is the one at `path`.
/// Blocks for a moment: call it before the loop runs. ErrorKind::conflict: something else has that path.
[[nodiscard]] Result<std::unique_ptr<Server>> listen_for_admins(boost::asio::any_io_executor executor,
                                                                Services& services,
                                                                const std::filesystem::path& path,
                                                                std::vector<PassedSocket>& passed);

}  // namespace carrel::http
