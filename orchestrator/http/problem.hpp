#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/http/message.hpp"

/// Errors as RFC 9457 problem documents. Types are urn:carrel:problem:<slug>, listed in docs/api.md, and
/// stable.
namespace carrel::http {

[[nodiscard]] Response problem(unsigned status, std::string_view slug, std::string_view title,
                               std::string detail);

/// With Retry-After, a little jittered so that clients do not come back all at once.
[[nodiscard]] Response problem_later(unsigned status, std::string_view slug, std::string_view title,
                                     std::string detail, std::chrono::seconds retry_after);

/// The usual translation of an expected error.
[[nodiscard]] Response problem_from(const Error& error);

}  // namespace carrel::http
