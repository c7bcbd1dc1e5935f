#include "orchestrator/backup/shelf.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "base/backup_name.hpp"

namespace carrel::backup {

namespace fs = std::filesystem;

namespace {

constexpr char kSuffix[] = ".backup";
// These stay however old: whether it is they that are old, or the clock that is wrong, nobody can tell.
constexpr std::size_t kLeastLeft = 3;

}  // namespace

std::string new_name(std::int64_t now) {
  return backup_name(now, kSuffix);
}

std::optional<std::int64_t> made_at(const std::string& name) {
  return backup_made_at(name, kSuffix);
}

Result<std::vector<Shelved>> on_shelf(const fs::path& folder, std::int64_t now) {
  std::vector<Shelved> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto at = made_at(entry.path().filename().string());
    struct stat status {};
    if (!at || ::lstat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    found.push_back({entry.path(), static_cast<std::uint64_t>(status.st_size), *at});
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return errno_error("list the backups in " + folder.string(), failed.value());
  }
  std::ranges::sort(found, [now](const Shelved& a, const Shelved& b) {
    const bool a_real = a.made_at <= now + kNameAhead;
    const bool b_real = b.made_at <= now + kNameAhead;
    return std::tie(a_real, a.made_at, a.path) > std::tie(b_real, b.made_at, b.path);
  });
  return found;
}

std::vector<Shelved> outdated(const std::vector<Shelved>& newest_first, std::size_t keep,
                              std::chrono::seconds age, std::int64_t now) {
  std::vector<Shelved> drop;
  for (std::size_t i = 1; i < newest_first.size(); ++i) {
    const bool old = now - newest_first[i].made_at > age.count();
    if (i >= keep || (i >= kLeastLeft && old)) drop.push_back(newest_first[i]);
  }
  return drop;
}

}  // namespace carrel::backup
