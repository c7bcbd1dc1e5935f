#pragma once

#include <string>
#include <string_view>

namespace carrel::streamer::subtitles {

/// A text file as valid UTF-8: by its byte order mark, as UTF-8 or UTF-16 where it is that, else in the
/// character set whose letters a language would have. `language`: of the text, ISO 639 or BCP 47; may be
/// empty. Pure; the same bytes give the same text.
[[nodiscard]] std::string text_from(std::string_view bytes, std::string_view language);

}  // namespace carrel::streamer::subtitles
