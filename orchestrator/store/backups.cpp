#include "orchestrator/store/backups.hpp"

#include <chrono>
#include <utility>

namespace carrel::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes patience{5};
constexpr std::size_t max_waiting = 4;

}  // namespace

Backups::Backups(std::filesystem::path data_directory, std::size_t keep, std::function<std::int64_t()> now)
    : file_(data_directory / "carrel.db"),
      directory_(std::move(data_directory) / "backups"),
      keep_(keep),
      now_(std::move(now)),
      pool_(1, max_waiting) {}

boost::asio::awaitable<Result<Backups::Made>> Backups::make(Stay stay) {
  auto work = [this, stay]() -> Result<Made> {
    const auto began = Clock::now();
    const std::int64_t now = now_();
    sweep_left_overs(directory_, now);
    auto file = make_backup(file_, directory_, now, patience, stay);
    if (!file) return file.error();
    if (stay == Stay::kept) {
      auto dropped = drop_old_backups(directory_, keep_, *file);
      if (!dropped) return dropped.error();
    }
    return Made{std::move(*file), std::chrono::duration<double>(Clock::now() - began).count()};
  };
  auto made = co_await offload(pool_, work);
  co_return made;
}

boost::asio::awaitable<Result<std::vector<BackupFile>>> Backups::list() {
  auto work = [this] { return list_backups(directory_, now_()); };
  auto found = co_await offload(pool_, work);
  co_return found;
}

}  // namespace carrel::store
