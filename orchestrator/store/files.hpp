#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace carrel::store {

/// Makes `directory` with mode 0700, and its parents, when it is missing. One that exists keeps its mode, but
/// is refused (ErrorKind::forbidden) when everybody may write to it, and when it is no directory
/// (ErrorKind::conflict). `named_by`: the setting or option that leads to it, for the message.
[[nodiscard]] Result<void> prepare_directory(const std::filesystem::path& directory,
                                             const std::string& named_by = "data.dir");

/// Makes `file` empty when it is missing, and sets its mode to 0600 in any case. Follows no symbolic link.
[[nodiscard]] Result<void> prepare_file(const std::filesystem::path& file);

}  // namespace carrel::store
