#pragma once

#include <array>
#include <csignal>
#include <memory>

#include "orchestrator/backup/stream.hpp"

namespace carrel::cli::backups {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP ends nothing at once: what copies asks check(), fails,
/// and so takes away what it made. The signal has its usual effect when this goes, so it is the first of all
/// locals. A second one is not held. One at a time; for a program with one thread.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  /// Fails once it came.
  [[nodiscard]] static Result<void> check();

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

/// Fail once it came, and do as `next` until then.
[[nodiscard]] std::unique_ptr<backup::Writer> until_interrupted(std::unique_ptr<backup::Writer> next);
[[nodiscard]] std::unique_ptr<backup::Reader> until_interrupted(std::unique_ptr<backup::Reader> next);

}  // namespace carrel::cli::backups
