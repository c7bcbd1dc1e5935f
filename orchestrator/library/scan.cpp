#include "orchestrator/library/scan.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>
#include <system_error>

#include "orchestrator/library/media_type.hpp"
#include "orchestrator/library/title.hpp"

namespace carrel::library {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFiles = 200'000;
constexpr int kMaxDepth = 24;
constexpr char kMayNot[] = "carreld's user may not read it";
constexpr char kOfFsck[] = "lost+found";
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

FileKey key_from(const struct stat& status) {
  return FileKey{static_cast<std::uint64_t>(status.st_size),
                 status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec};
}

/// What a path says of subtitles goes into playlists and the log, and the path into a line of text in the
/// database: one with a control character in it is no sidecar.
bool is_sidecar(std::string_view path, std::string_view extension) {
  return is_sidecar_extension(extension) && is_plain(path);
}

void give_sidecars(std::span<FoundFile> films, std::vector<FoundSidecar> sidecars) {
  std::vector<std::string> paths;
  paths.reserve(films.size());
  for (const FoundFile& film : films) paths.push_back(film.path);
  auto matched = match_sidecars(paths, std::move(sidecars));
  for (std::size_t i = 0; i < films.size(); ++i) films[i].sidecars = std::move(matched[i]);
}

/// The iterator passes over what it may not read without a word, its root too.
bool may_be_read(const fs::path& folder) {
  return ::faccessat(AT_FDCWD, folder.c_str(), R_OK | X_OK, AT_EACCESS) == 0 || errno != EACCES;
}

void scan_root(const fs::path& root, Scan& result) {
  const std::size_t first = result.files.size();
  std::vector<FoundSidecar> sidecars;
  std::error_code error;
  const auto unreadable = [&](const fs::path& folder, const std::string& why) {
    result.unreadable.push_back(folder.string() + ": " + why);
  };
  if (!may_be_read(root)) return unreadable(root, kMayNot);
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied, error);
  if (error) return unreadable(root, error.message());
  for (const fs::recursive_directory_iterator end; entry != end; entry.increment(error)) {
    if (error) break;
    const std::string name = entry->path().filename().string();
    const fs::file_status status = entry->symlink_status(error);
    if (name.starts_with('.') || entry.depth() >= kMaxDepth) {
      if (fs::is_directory(status)) entry.disable_recursion_pending();
      continue;
    }
    if (fs::is_directory(status) && name != kOfFsck && !may_be_read(entry->path())) {
      unreadable(entry->path(), kMayNot);
      result.shut.push_back({root.string(), entry->path().lexically_relative(root).string() + "/"});
    }
    const std::string extension = extension_of(name);
    const bool film = is_media_extension(extension);
    if (!fs::is_regular_file(status) || (!film && !is_sidecar_extension(extension))) continue;
    struct stat facts {};
    if (::lstat(entry->path().c_str(), &facts) != 0) continue;
    std::string path = entry->path().lexically_relative(root).string();
    if (!film && !is_sidecar(path, extension)) continue;
    if (!film) {
      if (sidecars.size() < kMaxFiles) sidecars.push_back({std::move(path), key_from(facts)});
      continue;
    }
    result.files.push_back(FoundFile{root.string(), std::move(path), key_from(facts), {}});
    if (result.files.size() >= kMaxFiles) {
      return unreadable(root, "more than " + std::to_string(kMaxFiles) + " films; the rest is left out");
    }
  }
  give_sidecars(std::span(result.files).subspan(first), std::move(sidecars));
  if (error) return unreadable(root, error.message());
  result.roots_read.push_back(root.string());
}

}  // namespace

Scan scan(const std::vector<fs::path>& roots) {
  Scan result;
  for (const fs::path& root : roots) scan_root(root, result);
  return result;
}

bool is_gone(const Scan& seen, const std::string& root, const std::string& path) {
  const auto hides = [&](const ShutFolder& folder) {
    return folder.root == root && path.starts_with(folder.path);
  };
  return std::ranges::find(seen.roots_read, root) != seen.roots_read.end() &&
         std::ranges::none_of(seen.shut, hides);
}

Result<UniqueFd> open_film(const std::string& root, const std::string& path) {
  const UniqueFd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error("open the library folder " + root, errno);
  open_how how{};
  // Not blocking, lest a pipe of that name holds the thread until somebody writes to it.
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(::syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how)));
  if (!file) return errno_error("open the film " + path + " in " + root, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno_error("look at the film " + path, errno);
  if (!S_ISREG(facts.st_mode))
    return make_error(ErrorKind::invalid, path + " in " + root + " is not a regular file");
  return file;
}

Result<FileKey> key_of(const UniqueFd& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno_error("look at an open film", errno);
  return key_from(facts);
}

Result<FileIdentity> identity_of(const UniqueFd& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno_error("look at an index", errno);
  return FileIdentity{facts.st_ino, key_from(facts),
                      facts.st_ctim.tv_sec * kNanosecondsPerSecond + facts.st_ctim.tv_nsec};
}

}  // namespace carrel::library
