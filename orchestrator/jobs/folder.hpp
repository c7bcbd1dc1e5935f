#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace carrel::jobs {

struct FolderEntry {
  std::string path;  ///< below the folder
  std::uint64_t bytes = 0;
  std::int64_t changed_at = 0;  ///< seconds since 1970, as `used_at`
  std::int64_t used_at = 0;
};

/// A folder of the daemon's own with one level of folders in it. Whatever is named is found below it, and no
/// link is followed (openat2, RESOLVE_BENEATH). Everything blocks; any thread.
class Folder {
 public:
  /// Made with mode 0700 when it is not there.
  [[nodiscard]] static Result<Folder> open(const std::filesystem::path& path);

  [[nodiscard]] Result<UniqueFd> open_to_read(const std::string& path) const;
  /// Made with mode 0600, with its folder, when it is not there; what is in it stays.
  [[nodiscard]] Result<UniqueFd> open_to_write(const std::string& path) const;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) const;
  /// Absent is success. An empty folder goes with its last file.
  [[nodiscard]] Result<void> remove(const std::string& path) const;
  /// Files in its folders, by path. Everything else in it is passed over.
  [[nodiscard]] Result<std::vector<FolderEntry>> list() const;
  /// Of the disk that it is on, for those who are not root.
  [[nodiscard]] Result<std::uint64_t> free_bytes() const;

 private:
  Folder(std::filesystem::path path, UniqueFd folder)
      : path_(std::move(path)), folder_(std::make_shared<UniqueFd>(std::move(folder))) {}
  [[nodiscard]] Result<UniqueFd> open_below(const std::string& path, std::uint64_t flags) const;
  [[nodiscard]] std::string named(const std::string& path) const { return (path_ / path).string(); }

  std::filesystem::path path_;
  std::shared_ptr<UniqueFd> folder_;
};

}  // namespace carrel::jobs
