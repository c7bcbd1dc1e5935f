#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace carrel::sandbox {
class ClientLink;
class Sandbox;
}  // namespace carrel::sandbox

namespace carrel::http {

/// A connection that a sandbox has answered on. The sandbox says that it closed its duplicate, but nothing
/// can make it: so whatever is written afterwards that the daemon did not write is found by the kernel's
/// count, and nobody else's answers go over this connection while that sandbox lives. I/O thread only.
class Loan {
 public:
  /// After an answer that `sandbox` of `session` gave. `others`: bytes in the socket by then that the daemon
  /// did not write; empty when the kernel does not count them.
  void note(std::weak_ptr<sandbox::Sandbox> sandbox, std::string session,
            std::optional<std::uint64_t> others);

  /// Before and after each answer: what speaks against using the connection any more; empty: nothing. A
  /// sandbox that wrote when it was not asked to is ended. `session` of the request, or empty.
  [[nodiscard]] std::string objection(const sandbox::ClientLink& link, std::uint64_t sent,
                                      const std::string& session) const;

 private:
  std::weak_ptr<sandbox::Sandbox> sandbox_;
  std::string session_;
  std::optional<std::uint64_t> others_;
};

}  // namespace carrel::http
