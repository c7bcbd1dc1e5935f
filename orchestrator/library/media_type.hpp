#pragma once

#include <string>
#include <string_view>

namespace carrel::library {

/// Whether the scan takes a file with this extension (lower case, no dot) for a film.
[[nodiscard]] bool is_media_extension(std::string_view extension);

/// The media type by extension, until the content has been looked at; "application/octet-stream" when
/// unknown.
[[nodiscard]] std::string_view media_type_of(std::string_view extension);

[[nodiscard]] bool is_media_type(std::string_view media_type);

}  // namespace carrel::library
