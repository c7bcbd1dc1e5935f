#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::test {

/// A Unix-socket server on a thread of its own: one connection at a time gets whatever a script says.
class FakeEngine {
 public:
  /// The bytes to answer with; the connection is closed after them unless they are kHold.
  using Script = std::function<std::string(const std::string& request)>;
  /// As an answer, or at its end: keep the connection open until the client or the server goes.
  static constexpr char kHold = '\x01';

  explicit FakeEngine(Script script);
  ~FakeEngine();
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  [[nodiscard]] const std::string& socket() const noexcept { return path_; }
  /// The requests so far, head and body.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void run();
  void serve(const UniqueFd& client);
  [[nodiscard]] std::string read_request(int client) const;
  [[nodiscard]] bool readable(int descriptor) const;

  Script script_;
  support::TemporaryDirectory folder_;
  std::string path_;
  UniqueFd listener_;
  UniqueFd stop_;  // an eventfd: readable when the server shall end
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// A whole answer with a length.
[[nodiscard]] std::string answer(int status, const std::string& body);

/// What a Docker 20.10 says to GET /version and GET /info; `otherwise` for every other request.
[[nodiscard]] FakeEngine::Script docker_that(FakeEngine::Script otherwise);

/// The first line of a request.
[[nodiscard]] std::string first_line(const std::string& request);

}  // namespace carrel::test
