#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace carrel {

/// A few threads for work that blocks (SQLite, hashing, scans), with a bounded queue in front of them. Any
/// thread may submit. Destruction runs what was queued, then joins; it must come before that of the
/// io_contexts whose coroutines wait on the pool, because their results are posted there.
class WorkPool {
 public:
  /// One unit of work; runs on a thread of the pool and must not throw.
  class Job {
   public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    virtual void run() noexcept = 0;
  };

  /// `threads` at least 1. `max_queued` jobs may wait beyond those that run.
  WorkPool(std::size_t threads, std::size_t max_queued);
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;
  ~WorkPool();

  /// False, and `job` untouched, when the bound is reached or the pool is being destroyed.
  [[nodiscard]] bool try_submit(std::unique_ptr<Job>& job);

 private:
  void work();

  const std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::size_t free_;  ///< threads that run no job
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

namespace detail {

/// `work()`, with what it throws turned into an error: nothing may escape into the thread.
template <class F>
std::invoke_result_t<F&> run_guarded(F& work) noexcept {
  try {
    return work();
  } catch (const std::exception& e) {
    return make_error(ErrorKind::internal,
                      std::string("unexpected exception in background work: ") + e.what());
  } catch (...) {
    return make_error(ErrorKind::internal, "unexpected exception of an unknown type in background work");
  }
}

/// Runs the work on the pool and calls the handler on the handler's own executor, which is kept busy
/// meanwhile.
template <class F, class Handler>
class OffloadJob final : public WorkPool::Job {
  using R = std::invoke_result_t<F&>;
  using Executor = std::decay_t<decltype(boost::asio::prefer(
      boost::asio::get_associated_executor(std::declval<Handler&>()),
      boost::asio::execution::outstanding_work.tracked))>;

 public:
  OffloadJob(F work, Handler handler)
      : executor_(boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                      boost::asio::execution::outstanding_work.tracked)),
        work_(std::move(work)),
        handler_(std::move(handler)) {}

  void run() noexcept override { finish(run_guarded(work_)); }

  void finish(R result) {
    boost::asio::post(executor_, [handler = std::move(handler_), result = std::move(result)]() mutable {
      std::move(handler)(std::move(result));
    });
  }

 private:
  Executor executor_;
  F work_;
  Handler handler_;
};

struct OffloadInitiation {
  template <class Handler, class F>
  void operator()(Handler&& handler, WorkPool* pool, F work) const {
    using Concrete = OffloadJob<F, std::decay_t<Handler>>;
    auto concrete = std::make_unique<Concrete>(std::move(work), std::forward<Handler>(handler));
    Concrete* refused = concrete.get();
    std::unique_ptr<WorkPool::Job> job = std::move(concrete);
    if (!pool->try_submit(job)) {
      refused->finish(make_error(ErrorKind::busy, "too much work is waiting; try again later"));
    }
  }
};

}  // namespace detail

/// Runs `work()`, which returns Result<T>, on the pool and resumes the awaiting coroutine on its own
/// executor. ErrorKind::busy at once when the queue is full; ErrorKind::internal when `work` throws.
/// Cancelling the awaiting coroutine does not interrupt work: it is resumed when the work is done, so
/// references that `work` holds stay valid.
template <class F>
[[nodiscard]] auto offload(WorkPool& pool, F work) -> boost::asio::awaitable<std::invoke_result_t<F&>> {
  using R = std::invoke_result_t<F&>;
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(R)>(
      detail::OffloadInitiation{}, boost::asio::use_awaitable, &pool, std::move(work));
}

}  // namespace carrel
