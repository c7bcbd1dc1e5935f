#pragma once

#include <string>
#include <string_view>

namespace carrel::test {

/// A tar archive (POSIX ustar) with one executable file, enough for an image.
[[nodiscard]] std::string tar_of(std::string_view name, std::string_view contents);

}  // namespace carrel::test
