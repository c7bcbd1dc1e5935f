#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/error.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/store/backup.hpp"

namespace carrel::store {

/// Backups on demand while the daemon runs, one after another on a thread and a connection of their own:
/// neither the writer nor the readers wait. Any thread. Must outlive every coroutine that awaits it.
class Backups {
 public:
  struct Made {
    BackupFile file;
    double seconds = 0;
  };

  /// Of `data_directory`/carrel.db into `data_directory`/backups, of which the newest `keep` stay (at least
  /// 1).
  Backups(std::filesystem::path data_directory, std::size_t keep,
          std::function<std::int64_t()> now = unix_now);

  /// As make_backup(), within five minutes; one that is kept takes the place of the old ones.
  /// ErrorKind::busy: some wait already.
  [[nodiscard]] boost::asio::awaitable<Result<Made>> make(Stay stay);
  /// As list_backups().
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<BackupFile>>> list();

 private:
  std::filesystem::path file_;
  std::filesystem::path directory_;
  std::size_t keep_;
  std::function<std::int64_t()> now_;
  WorkPool pool_;  // last: its threads use the rest
};

}  // namespace carrel::store
