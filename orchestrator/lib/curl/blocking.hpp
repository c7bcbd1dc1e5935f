#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/lib/curl/http.hpp"

namespace carrel::curl {

/// One HTTP/1.1 exchange, http or https, over TCP or a Unix socket. For programs without a loop.
struct BlockingRequest {
  std::string method = "GET";
  std::string url;          ///< absolute, percent-encoded; with a Unix socket the host is only a name
  std::string unix_socket;  ///< at most 107 bytes; empty: TCP
  std::vector<std::string> headers;           ///< "Name: value"
  std::string body;                           ///< sent when not empty, or with POST
  std::chrono::milliseconds timeout{60'000};  ///< for all of it; zero: none
  std::chrono::milliseconds connect_timeout{5'000};
  std::size_t max_response_bytes = 64U << 20;  ///< of a body that is gathered
  std::string ca_file;                         ///< PEM, instead of the system's authorities; empty: those
  /// Takes the body of a 2xx answer as it comes, instead of gathering it; false ends the exchange well.
  std::function<bool(std::string_view)> on_chunk;
};

/// The answer, whatever its status. No redirect is followed, no proxy is used. Blocks.
[[nodiscard]] Outcome perform_blocking(const BlockingRequest& request);

}  // namespace carrel::curl
