#pragma once

#include <string>
#include <string_view>

namespace carrel::library {

/// A title from a file name: "The_Long.Walk (1979).mkv" → "The Long Walk (1979)". Never empty for a non-empty
/// name; bytes that are not UTF-8 become U+FFFD, because titles end up in JSON.
[[nodiscard]] std::string title_from(std::string_view file_name);

/// No control character (C0, DEL) is in it.
[[nodiscard]] bool is_plain(std::string_view text);

/// The extension in lower case without the dot; empty when there is none.
[[nodiscard]] std::string extension_of(std::string_view file_name);

}  // namespace carrel::library
