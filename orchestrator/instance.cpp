#include "orchestrator/instance.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "orchestrator/store/settings.hpp"

namespace carrel {

namespace fs = std::filesystem;

namespace {

Error not_ours(const fs::path& path, int why) {
  Error error = errno_error("make the directory " + path.string() + " private", why);
  struct stat status {};
  if (why != EPERM || ::stat(path.c_str(), &status) != 0) return error;
  error.message += "; it belongs to user " + std::to_string(status.st_uid) + ", and this is user " +
                   std::to_string(::geteuid()) + ": chown it, or set data.dir (CARREL_DATA_DIR)";
  return error;
}

Result<void> make_private_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("make the directory " + path.string(), errno);
  if (::chmod(path.c_str(), 0700) != 0) return not_ours(path, errno);
  return {};
}

}  // namespace

Result<DataDirectories> open_data(const fs::path& directory) {
  std::error_code error;
  const fs::path root = fs::absolute(directory, error).lexically_normal();
  fs::create_directories(root.parent_path(), error);
  // Absolute, because the engine binds the control directories by path.
  DataDirectories data{root, root / "run", root / "index", root / "variants", root / "pictures", UniqueFd()};
  for (const auto& path : {data.root, data.run, data.indexes}) {
    const auto made = make_private_directory(path);
    if (made.has_error()) return made.error();
  }
  const fs::path lock = root / "lock";
  data.lock = UniqueFd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!data.lock) return errno_error("open " + lock.string(), errno);
  if (::flock(data.lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return make_error(ErrorKind::conflict,
                      "another carreld works on " + root.string() +
                          "; stop it, or give this one a data.dir (CARREL_DATA_DIR) of its own");
  }
  return data;
}

boost::asio::awaitable<Result<std::string>> remembered(store::Store& store, std::string key,
                                                       std::string made_up) {
  auto work = [key = std::move(key),
               made_up = std::move(made_up)](sqlite::Connection& db) -> Result<std::string> {
    const auto known = store::get_setting(db, key);
    if (known.has_error()) return known.error();
    if (*known) return **known;
    const auto kept = store::set_setting(db, key, made_up);
    if (kept.has_error()) return kept.error();
    return made_up;
  };
  const Result<std::string> value = co_await store.write(std::move(work));
  co_return value;
}

}  // namespace carrel
