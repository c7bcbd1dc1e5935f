#include "orchestrator/jobs/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace carrel::jobs {

namespace fs = std::filesystem;

namespace {

constexpr mode_t kOwnFolder = 0700;
constexpr mode_t kOwnFile = 0600;

struct CloseListing {
  void operator()(DIR* listing) const noexcept { ::closedir(listing); }
};
using Listing = std::unique_ptr<DIR, CloseListing>;

Listing listing_of(UniqueFd folder) {
  DIR* listing = ::fdopendir(folder.get());
  if (listing != nullptr) static_cast<void>(folder.release());
  return Listing(listing);
}

std::vector<std::string> names_in(const Listing& listing) {
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace

Result<Folder> Folder::open(const fs::path& path) {
  if (::mkdir(path.c_str(), kOwnFolder) != 0 && errno != EEXIST)
    return errno_error("make the folder " + path.string(), errno);
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return errno_error("open the folder " + path.string(), errno);
  if (::fchmod(folder.get(), kOwnFolder) != 0)
    return errno_error("make the folder " + path.string() + " private", errno);
  return Folder(path, std::move(folder));
}

Result<UniqueFd> Folder::open_below(const std::string& path, std::uint64_t flags) const {
  open_how how{};
  how.flags = flags | O_CLOEXEC | O_NOCTTY;
  if ((flags & O_CREAT) != 0) how.mode = kOwnFile;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(::syscall(SYS_openat2, folder_->get(), path.c_str(), &how, sizeof how)));
  if (!file) return errno_error("open " + named(path), errno);
  return file;
}

Result<UniqueFd> Folder::open_to_read(const std::string& path) const {
  auto file = open_below(path, O_RDONLY | O_NONBLOCK);
  if (file.has_error()) return file;
  struct stat facts {};
  if (::fstat(file->get(), &facts) != 0) return errno_error("look at " + named(path), errno);
  if (!S_ISREG(facts.st_mode)) return make_error(ErrorKind::invalid, named(path) + " is not a regular file");
  return file;
}

Result<UniqueFd> Folder::open_to_write(const std::string& path) const {
  const auto slash = path.find('/');
  const std::string parent = path.substr(0, slash);
  if (slash != std::string::npos && ::mkdirat(folder_->get(), parent.c_str(), kOwnFolder) != 0 &&
      errno != EEXIST)
    return errno_error("make the folder " + named(parent), errno);
  return open_below(path, O_RDWR | O_CREAT | O_NONBLOCK);
}

Result<void> Folder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(folder_->get(), from.c_str(), folder_->get(), to.c_str()) != 0)
    return errno_error("rename " + named(from), errno);
  return {};
}

Result<void> Folder::remove(const std::string& path) const {
  if (::unlinkat(folder_->get(), path.c_str(), 0) != 0 && errno != ENOENT)
    return errno_error("remove " + named(path), errno);
  const auto slash = path.find('/');
  // One that is not empty stays.
  if (slash != std::string::npos)
    static_cast<void>(::unlinkat(folder_->get(), path.substr(0, slash).c_str(), AT_REMOVEDIR));
  return {};
}

Result<std::vector<FolderEntry>> Folder::list() const {
  auto own = open_below(".", O_RDONLY | O_DIRECTORY);
  if (own.has_error()) return own.error();
  const Listing folders = listing_of(std::move(*own));
  if (!folders) return errno_error("list " + path_.string(), errno);
  std::vector<FolderEntry> entries;
  for (const std::string& name : names_in(folders)) {
    auto below = open_below(name, O_RDONLY | O_DIRECTORY);
    if (below.has_error()) continue;
    const Listing files = listing_of(std::move(*below));
    if (!files) continue;
    for (const std::string& file : names_in(files)) {
      struct stat facts {};
      const bool known = ::fstatat(::dirfd(files.get()), file.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
      if (!known || !S_ISREG(facts.st_mode)) continue;
      entries.push_back({name + "/" + file, static_cast<std::uint64_t>(facts.st_size), facts.st_mtim.tv_sec,
                         facts.st_atim.tv_sec});
    }
  }
  std::ranges::sort(entries, {}, &FolderEntry::path);
  return entries;
}

Result<std::uint64_t> Folder::free_bytes() const {
  struct statvfs facts {};
  if (::fstatvfs(folder_->get(), &facts) != 0)
    return errno_error("look at the disk of " + path_.string(), errno);
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace carrel::jobs
