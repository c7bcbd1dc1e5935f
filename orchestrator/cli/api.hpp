#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "orchestrator/cli/endpoint.hpp"
#include "orchestrator/cli/failure.hpp"

namespace carrel::cli {

/// An event of a stream (text/event-stream of the HTML standard), whole.
struct ServerEvent {
  std::string name;  ///< "message" when the stream names none
  std::string data;
};

/// How long one answer may take; zero: without end.
inline constexpr std::chrono::milliseconds kPatience{60'000};

/// The daemon's HTTP API, asked one question at a time. Every call blocks, with a deadline.
class Api {
 public:
  explicit Api(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  /// `path` is percent-encoded, with its query. Null for an answer without a body.
  [[nodiscard]] Answer<nlohmann::json> get(const std::string& path) const;
  [[nodiscard]] Answer<nlohmann::json> send(const std::string& method, const std::string& path,
                                            const nlohmann::json& body,
                                            std::chrono::milliseconds patience = kPatience) const;
  [[nodiscard]] Answer<std::string> get_text(const std::string& path) const;

  /// Events as they come, until `take` says false or the daemon ends the stream. No deadline.
  [[nodiscard]] Done follow(const std::string& path,
                            const std::function<bool(const ServerEvent&)>& take) const;

  [[nodiscard]] const std::string& shown() const noexcept { return endpoint_.shown; }

 private:
  [[nodiscard]] Answer<std::string> exchange(const std::string& method, const std::string& path,
                                             const std::string& body, std::chrono::milliseconds patience,
                                             std::function<bool(std::string_view)> on_chunk) const;

  Endpoint endpoint_;
};

/// What a status and a problem document (RFC 9457) mean to whoever typed the command.
[[nodiscard]] Failure failure_from(int status, const std::string& body, const std::string& what);

}  // namespace carrel::cli
