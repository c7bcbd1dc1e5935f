#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "streamer/protocol/message.hpp"

namespace carrel::streamer {

/// Whether a header can carry it: printable ASCII.
[[nodiscard]] bool is_field_value(std::string_view value);

/// Writes the header of one HTTP/1.1 answer. The constructor writes what every answer carries: status line,
/// Date, security headers, X-Request-Id, Connection.
class ResponseHeader {
 public:
  ResponseHeader(std::uint16_t status, const protocol::Serve& request);

  /// A value with bytes that a header cannot carry is left out: it would end the field and start another.
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::uint64_t value);

  /// With the empty line that ends it.
  [[nodiscard]] std::string finish() &&;

 private:
  std::string text_;
};

}  // namespace carrel::streamer
