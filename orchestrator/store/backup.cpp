#include "orchestrator/store/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <tuple>
#include <utility>

#include "base/backup_name.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/lib/sqlite/copy.hpp"
#include "orchestrator/store/durable.hpp"
#include "orchestrator/store/files.hpp"

namespace carrel::store {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t spare_bytes = 4 << 20;
constexpr const char* suffix = ".db";
constexpr const char* passing_suffix = ".passing";
constexpr const char* whole_suffix = ".backup";  // carrelctl's, of which the database is a part
constexpr const char* unfinished = ".unfinished";
constexpr std::array sqlite_suffixes{"", "-wal", "-shm", "-journal"};
constexpr std::int64_t nobodys_seconds = 86'400;

Result<void> check_room(const fs::path& file, const fs::path& directory) {
  std::error_code failed;
  // What is in the write-ahead log may come on top.
  std::uint64_t needed = fs::file_size(file, failed) + spare_bytes;
  if (failed) return errno_error("look at " + file.string(), failed.value());
  const auto log = fs::file_size(file.string() + "-wal", failed);
  if (!failed) needed += log;
  const auto room = fs::space(directory, failed);
  if (failed) return errno_error("look for room in " + directory.string(), failed.value());
  if (room.available >= needed) return {};
  return make_error(ErrorKind::unavailable,
                    "a backup needs " + std::to_string(needed >> 20) + " MiB in " + directory.string() +
                        ", where " + std::to_string(room.available >> 20) + " MiB are free; make room there");
}

/// Deletes the file unless it was kept; also what SQLite puts beside it.
class Unfinished {
 public:
  explicit Unfinished(fs::path path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    for (const char* beside : sqlite_suffixes) ::unlink((path_.string() + beside).c_str());
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result<void> copy_checked(const fs::path& file, const fs::path& target, std::chrono::seconds patience,
                          const std::function<bool()>& go_on) {
  auto made = prepare_file(target);
  if (!made) return made;
  auto from = sqlite::Connection::open(file, sqlite::Access::read_only);
  if (!from) return from.error();
  auto to = sqlite::Connection::open(target, sqlite::Access::read_write);
  if (!to) return to.error();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto copied = sqlite::copy_database(
      *from, *to, [&] { return std::chrono::steady_clock::now() < deadline && (!go_on || go_on()); });
  if (!copied) return copied;
  return sqlite::check_integrity(*to);
}

bool is_left_over(const std::string& name) {
  const std::string end = unfinished;
  for (const auto& form :
       {passing_suffix + std::string(), passing_suffix + end, suffix + end, whole_suffix + end}) {
    for (const char* beside : sqlite_suffixes) {
      if (backup_made_at(name, form + beside)) return true;
    }
  }
  return false;
}

}  // namespace

bool is_passing_name(const std::string& name) {
  return backup_made_at(name, passing_suffix).has_value();
}

Result<BackupFile> make_backup(const fs::path& file, const fs::path& directory, std::int64_t now,
                               std::chrono::seconds patience, Stay stay, const std::function<bool()>& go_on) {
  auto prepared = prepare_directory(directory);
  if (!prepared) return prepared.error();
  auto room = check_room(file, directory);
  if (!room) return room.error();
  const fs::path path = directory / backup_name(now, stay == Stay::kept ? suffix : passing_suffix);
  const Unfinished copy(path.string() + unfinished);
  auto copied = copy_checked(file, copy.path(), patience, go_on);
  if (!copied) return copied.error();
  auto moved = move_durably(copy.path(), path);
  if (!moved) return moved.error();
  std::error_code failed;
  const std::uint64_t bytes = fs::file_size(path, failed);
  if (failed) return errno_error("look at " + path.string(), failed.value());
  return BackupFile{path, bytes, now};
}

void sweep_left_overs(const fs::path& directory, std::int64_t now) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    struct stat status {};
    const bool left = is_left_over(entry.path().filename().string());
    if (!left || ::lstat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (now - status.st_mtim.tv_sec > nobodys_seconds) ::unlink(entry.path().c_str());
  }
}

Result<std::vector<BackupFile>> list_backups(const fs::path& directory, std::int64_t now) {
  std::vector<std::pair<timespec, BackupFile>> dated;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    struct stat status {};
    const auto at = backup_made_at(entry.path().filename().string(), suffix);
    if (!at || ::lstat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    dated.emplace_back(status.st_mtim,
                       BackupFile{entry.path(), static_cast<std::uint64_t>(status.st_size), *at});
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return errno_error("list the backups in " + directory.string(), failed.value());
  }
  // Several may be of one second; only these are told apart by what the file system says.
  const auto rank = [now](const auto& one) {
    const auto& [written, file] = one;
    return std::tuple(file.created_at <= now + kNameAhead, file.created_at, written.tv_sec, written.tv_nsec);
  };
  std::ranges::sort(dated, std::ranges::greater(), rank);
  std::vector<BackupFile> found;
  for (auto& [at, file] : dated) found.push_back(std::move(file));
  return found;
}

Result<void> drop_old_backups(const fs::path& directory, std::size_t keep, const BackupFile& made) {
  const auto all = list_backups(directory, made.created_at);
  if (!all) return all.error();
  for (std::size_t i = keep; i < all->size(); ++i) {
    const auto& path = (*all)[i].path;
    if (path == made.path) continue;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("delete " + path.string(), errno);
  }
  return {};
}

}  // namespace carrel::store
