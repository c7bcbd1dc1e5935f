#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/lib/sqlite/transaction.hpp"

namespace carrel::store {

/// The daemon's database: one writer and two readers, each with a thread and a connection of its own. All
/// members may be called from any thread. Must outlive every coroutine that awaits it; its destruction
/// completes queued writes.
class Store {
 public:
  static constexpr std::size_t readers = 2;
  static constexpr std::size_t max_queued = 1024;
  static constexpr std::uint64_t kUsualCache = 2U << 20;  ///< SQLite's own

  /// Opens or makes `directory`/carrel.db (directory 0700 when made, file 0600) and migrates it; each
  /// connection may keep `cache_bytes` of it in memory. Blocks: call
  /// it before the loop runs. ErrorKind::conflict: made by a newer version.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                                           std::uint64_t cache_bytes = kUsualCache);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  enum class Access { read, write };

  /// Called on a thread of the store after each piece of work, with the seconds since it was asked for,
  /// waiting included; whoever it refers to outlives the store. Call it before any work, and once.
  void on_work(std::function<void(Access, double)> observer) { observer_ = std::move(observer); }

  /// Runs `work(sqlite::Connection&)`, which returns Result<T>, on the writer in a transaction, which is
  /// committed when it succeeded and rolled back when not. ErrorKind::busy when too much waits.
  template <class F>
  [[nodiscard]] auto write(F work) {
    return offload(writer_pool_, WriteWork<F>{this, std::move(work), Stopwatch(*this, Access::write)});
  }

  /// Runs `work(sqlite::Connection&)`, which returns Result<T> and cannot change anything, on a reader. It
  /// sees every write that was complete before. ErrorKind::busy when too much waits.
  template <class F>
  [[nodiscard]] auto read(F work) {
    return offload(reader_pool_, ReadWork<F>{this, std::move(work), Stopwatch(*this, Access::read)});
  }

 private:
  /// Runs from its making to report().
  class Stopwatch {
   public:
    Stopwatch(const Store& store, Access access) : store_(&store), access_(access) {}
    void report() const {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
      if (store_->observer_) store_->observer_(access_, took.count());
    }

   private:
    const Store* store_;
    Access access_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  };

  template <class F>
  struct WriteWork {
    Store* store;
    F work;
    Stopwatch stopwatch;
    std::invoke_result_t<F&, sqlite::Connection&> operator()() {
      auto result = in_transaction(store->writer_);
      stopwatch.report();
      return result;
    }
    std::invoke_result_t<F&, sqlite::Connection&> in_transaction(sqlite::Connection& connection) {
      auto transaction = sqlite::Transaction::begin(connection);
      if (!transaction) return transaction.error();
      auto result = work(connection);
      if (!result) return result;
      auto committed = transaction->commit();
      if (!committed) return committed.error();
      return result;
    }
  };

  /// A reader's connection for as long as one piece of work runs; there are as many as threads.
  class Loan {
   public:
    explicit Loan(Store& store);
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan();
    [[nodiscard]] sqlite::Connection& connection() { return connection_; }

   private:
    Store& store_;
    sqlite::Connection connection_;
  };

  template <class F>
  struct ReadWork {
    Store* store;
    F work;
    Stopwatch stopwatch;
    std::invoke_result_t<F&, sqlite::Connection&> operator()() {
      Loan loan(*store);
      auto result = work(loan.connection());
      stopwatch.report();
      return result;
    }
  };

  Store(sqlite::Connection writer, std::vector<sqlite::Connection> idle_readers);

  std::function<void(Access, double)> observer_;
  sqlite::Connection writer_;
  std::mutex readers_mutex_;
  std::vector<sqlite::Connection> idle_readers_;
  // After the connections, so that the threads are gone before them.
  WorkPool writer_pool_{1, max_queued};
  WorkPool reader_pool_{readers, max_queued};
};

}  // namespace carrel::store
