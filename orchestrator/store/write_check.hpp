#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "orchestrator/lib/asio/one_shot.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::store {

/// Whether the database takes writes, found out by writing. All members on one thread (the executor's).
class WriteCheck {
 public:
  struct Options {
    std::chrono::seconds fresh{5};     ///< an answer serves everybody for so long
    std::chrono::seconds patience{5};  ///< for one write
  };

  /// The store must outlive it.
  WriteCheck(Store& store, boost::asio::any_io_executor executor, Options options)
      : store_(store), executor_(std::move(executor)), options_(options) {}
  WriteCheck(Store& store, boost::asio::any_io_executor executor)
      : WriteCheck(store, std::move(executor), Options{}) {}

  /// What the last write said, or a new one. ErrorKind::timeout: it is not done yet.
  [[nodiscard]] boost::asio::awaitable<Result<void>> ask();

 private:
  using Answer = OneShot<Result<void>>;
  static boost::asio::awaitable<void> write(Store& store, std::shared_ptr<Answer> answer);

  Store& store_;
  boost::asio::any_io_executor executor_;
  Options options_;
  std::shared_ptr<Answer> answer_;
  std::chrono::steady_clock::time_point asked_{};
};

}  // namespace carrel::store
