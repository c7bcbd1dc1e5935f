#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

namespace carrel::sandbox {

/// Who lets sandboxes use CPU time beyond their limit that they saved up before. The kernel refuses a limit
/// below the burst, so whoever changes a limit takes the burst away first. I/O thread.
class CpuBurst {
 public:
  virtual ~CpuBurst() = default;

  /// Takes the sandbox's burst away until grant(). Fails silently: what the kernel then says of the limit
  /// tells more.
  virtual boost::asio::awaitable<void> withhold(std::string sandbox) = 0;
  /// Gives it again, as a share of the limit that holds now.
  virtual boost::asio::awaitable<void> grant(std::string sandbox) = 0;
};

}  // namespace carrel::sandbox
