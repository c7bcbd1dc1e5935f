#pragma once

#include "base/error.hpp"

namespace carrel::streamer::verify {

/// A verifying sandbox's whole life: Hello, one Verify message with two descriptors, one Attempt for each
/// trial. The last one enters the streamer's own jail and reads from the client, which should kill the
/// process: it is announced as `final`, and a process that survives says so. `control` is connected.
/// ErrorKind::unavailable: the daemon went away; ErrorKind::invalid: it sent something else.
[[nodiscard]] Result<void> run_verify_job(int control);

}  // namespace carrel::streamer::verify
