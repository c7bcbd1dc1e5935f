#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/library/sidecars.hpp"

namespace carrel::library {

struct FoundFile {
  std::string root;  ///< as configured
  std::string path;  ///< below the root
  FileKey key;
  std::vector<FoundSidecar> sidecars;  ///< subtitles that belong to it
};

/// A folder that may not be read, in one that was.
struct ShutFolder {
  std::string root;
  std::string path;  ///< below the root, with a slash at its end
};

struct Scan {
  std::vector<FoundFile> files;
  std::vector<std::string> unreadable;  ///< folders that could not be read, with the reason
  std::vector<std::string> roots_read;
  std::vector<ShutFolder> shut;
};

/// Looks through the roots for films and for subtitles beside them. Symbolic links and names beginning with a
/// dot are passed over. Blocks; reads folders only, never a file's content.
[[nodiscard]] Scan scan(const std::vector<std::filesystem::path>& roots);

/// Whether a film that was not found is gone, and not only where nobody could look.
[[nodiscard]] bool is_gone(const Scan& seen, const std::string& root, const std::string& path);

/// Opens a film for reading. The kernel keeps the way below the root and follows no link (openat2,
/// RESOLVE_BENEATH); fails unless it is a regular file. Blocks.
[[nodiscard]] Result<UniqueFd> open_film(const std::string& root, const std::string& path);

[[nodiscard]] Result<FileKey> key_of(const UniqueFd& file);
[[nodiscard]] Result<FileIdentity> identity_of(const UniqueFd& file);

}  // namespace carrel::library
