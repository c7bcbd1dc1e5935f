#include "orchestrator/store/write_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/unix_time.hpp"
#include "orchestrator/store/settings.hpp"

namespace carrel::store {

namespace asio = boost::asio;

asio::awaitable<void> WriteCheck::write(Store& store, std::shared_ptr<Answer> answer) {
  auto work = [](sqlite::Connection& db) {
    return set_setting(db, "write_checked_at", std::to_string(unix_now()));
  };
  auto written = co_await store.write(work);
  answer->set(written);
}

asio::awaitable<Result<void>> WriteCheck::ask() {
  const auto now = std::chrono::steady_clock::now();
  const bool stale = answer_ == nullptr || (answer_->is_set() && now - asked_ >= options_.fresh);
  if (stale) {
    asked_ = now;
    answer_ = std::make_shared<Answer>(executor_);
    asio::co_spawn(executor_, write(store_, answer_), asio::detached);
  }
  const auto answer = answer_;
  const bool answered = co_await answer->wait_until(now + options_.patience);
  if (!answered) {
    co_return make_error(ErrorKind::timeout, "the database has not finished a write for " +
                                                 std::to_string(options_.patience.count()) +
                                                 " s; look at the disk under data.dir");
  }
  co_return *answer->value();
}

}  // namespace carrel::store
