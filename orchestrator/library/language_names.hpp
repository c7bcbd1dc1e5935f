#pragma once

#include <string_view>

namespace carrel::library {

/// The ISO 639 code that a word of a file's name (lower case) stands for: "en", "eng" and "english" are "en".
/// Empty: it names no language.
[[nodiscard]] std::string_view language_named(std::string_view word);

}  // namespace carrel::library
