#pragma once

#include <string>
#include <string_view>

namespace carrel {

/// RFC 3986, section 2.1: everything but the unreserved characters.
[[nodiscard]] std::string percent_encoded(std::string_view text);
/// What is no escape stays as it is; plus signs too.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// Text for a terminal: other than printable ASCII, line ends and tabs becomes "\x1B".
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace carrel
