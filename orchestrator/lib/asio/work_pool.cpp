#include "orchestrator/lib/asio/work_pool.hpp"

#include <stdexcept>

namespace carrel {

WorkPool::WorkPool(std::size_t threads, std::size_t max_queued) : max_queued_(max_queued), free_(threads) {
  if (threads == 0) throw std::invalid_argument("a work pool needs at least one thread");
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back(&WorkPool::work, this);
}

WorkPool::~WorkPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkPool::try_submit(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    // A free thread takes one job of the queue at once, so those do not count as waiting.
    if (stopping_ || queue_.size() >= max_queued_ + free_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    --free_;
    lock.unlock();
    job->run();
    job.reset();
    lock.lock();
    ++free_;
  }
}

}  // namespace carrel
