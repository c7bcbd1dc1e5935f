#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/curl/client.hpp"
#include "orchestrator/sandbox/docker/docker_engine.hpp"
#include "orchestrator/sandbox/docker/version.hpp"

namespace carrel::sandbox::docker {

/// One call of the API, made in the negotiated version.
struct Call {
  std::string_view name;  ///< one of kEngineCalls; empty: not reported
  std::string doing;      ///< for messages: "create container carrel-ab12"
  std::string method;
  std::string path;      ///< after the version: "/containers/json?all=true"
  std::string body;      ///< JSON, or empty
  bool endless = false;  ///< only the answer's head has a deadline
};

/// The API's common part: versions, deadlines, errors, health. The I/O thread only. Its coroutines keep it
/// alive.
class Api : public std::enable_shared_from_this<Api> {
 public:
  struct Agreed {
    EngineInfo info;
    Traits traits;
  };

  Api(boost::asio::any_io_executor executor, DockerOptions options);

  /// Ends what is under way and refuses what comes; DockerOptions::on_call is not called any more.
  void stop();

  /// The body of a 2xx or 304 answer.
  boost::asio::awaitable<Result<std::string>> call(Call call);
  /// What was agreed on, asking the engine when nothing is. `afresh`: ask in any case.
  boost::asio::awaitable<Result<Agreed>> agree(bool afresh);
  /// GET `path` as a stream; in the agreed version, or before there is one in the engine's own. Null once
  /// stopped.
  [[nodiscard]] std::unique_ptr<curl::Stream> stream(const std::string& path, curl::StreamHandlers handlers);

  [[nodiscard]] const EngineHealth& health() const noexcept { return health_; }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  /// Logs each warning once: a limit that the kernel cannot keep is the same for every container.
  void tell(const std::vector<std::string>& warnings);
  /// Takes what an exchange outside of call() says of the engine.
  void note(const curl::Outcome& outcome);

 private:
  using Clock = std::chrono::steady_clock;

  boost::asio::awaitable<Result<Agreed>> agree_until(Clock::time_point deadline);
  boost::asio::awaitable<Result<std::string>> exchange(Call call, Clock::time_point deadline);
  [[nodiscard]] curl::Request request_of(const Call& call, Clock::time_point deadline) const;
  [[nodiscard]] Result<std::string> judge(const Call& call, curl::Outcome outcome);
  [[nodiscard]] Error engine_failed(const Error& error);

  boost::asio::any_io_executor executor_;
  DockerOptions options_;
  std::optional<Agreed> agreed_;
  EngineHealth health_;
  std::set<std::string> told_;
  std::unique_ptr<curl::Client> client_;  // null once stopped
};

}  // namespace carrel::sandbox::docker
