#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "base/error.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"

namespace carrel::jobs {

/// Removes what was made of films whose file went before that time (seconds since 1970) and did not come
/// back: index, pictures, variants, jobs. I/O thread only. Goes on where one cannot be removed, and tells of
/// the last of these.
boost::asio::awaitable<Result<void>> sweep_gone(library::Library& library, Jobs& jobs, Pictures& pictures,
                                                std::int64_t before);

}  // namespace carrel::jobs
