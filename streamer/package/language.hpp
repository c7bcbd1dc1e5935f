#pragma once

#include <string>
#include <string_view>

namespace carrel::streamer {

/// What a film says about a language as a BCP 47 tag: ISO 639-2 codes become the two-letter ones that RFC
/// 5646 section 2.2.1 asks for where they exist; unknown and undetermined ones ("und") become empty, as does
/// what is no tag.
[[nodiscard]] std::string language_tag(std::string_view found);

}  // namespace carrel::streamer
