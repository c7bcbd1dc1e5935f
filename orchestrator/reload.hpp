#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>

#include "orchestrator/config/load.hpp"
#include "orchestrator/http/server.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/observe/log.hpp"

/// On SIGHUP the daemon reads its configuration anew and takes over what can change while it runs: the
/// certificate, where there was one at the start, and the levels of the log. A log that is a file and was
/// moved away begins anew. What is wrong is logged, and everything stays as it was.
namespace carrel {

/// Whether the certificate, if one is configured, can be used. Blocks.
[[nodiscard]] Result<void> check_certificate(const config::Config& config);

/// As the configuration wants it.
[[nodiscard]] Result<std::unique_ptr<log::Session>> open_log(const config::Config::Log& config,
                                                             const std::filesystem::path& data_root);

/// `server` and `pool` outlive it; `inputs` are those of the start.
boost::asio::awaitable<void> reload_when_asked(boost::asio::any_io_executor executor,
                                               config::LoadInputs inputs, http::Server& server,
                                               WorkPool& pool);

}  // namespace carrel
