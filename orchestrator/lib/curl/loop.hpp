#pragma once

#include <curl/curl.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "orchestrator/lib/curl/transfer.hpp"

namespace carrel::curl {

using TransferId = std::uint64_t;

/// The thread that drives all transfers. Public functions: any thread.
class Loop {
 public:
  explicit Loop(std::size_t max_pending);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The sink's done() is called in any case, by the loop's thread or, when the bound is reached or the loop
  /// has stopped, by the caller's before this returns.
  TransferId submit(Request request, std::unique_ptr<Sink> sink);
  /// Unknown and finished ids are ignored.
  void cancel(TransferId id);
  void resume(TransferId id);
  /// Ends everything and the thread; harmless when repeated.
  void stop();

 private:
  struct Submit {
    TransferId id;
    Request request;
    std::unique_ptr<Sink> sink;
  };
  struct Cancel {
    TransferId id;
  };
  struct Resume {
    TransferId id;
  };
  using Command = std::variant<Submit, Cancel, Resume>;

  struct MultiFree {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };

  bool post(Command command);
  void run();
  [[nodiscard]] std::vector<Command> take_inbox();
  void obey(Submit command);
  void obey(Cancel command);
  void obey(Resume command);
  void reap();
  [[nodiscard]] int end_overdue_heads();
  template <class Reason>
  void finish(TransferId id, Reason reason);

  const std::size_t max_pending_;
  std::unique_ptr<CURLM, MultiFree> multi_;
  std::atomic<std::size_t> pending_{0};
  std::atomic<TransferId> last_id_{0};
  std::map<TransferId, std::unique_ptr<Transfer>> transfers_;  // the loop's thread only

  std::mutex mutex_;
  std::vector<Command> inbox_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace carrel::curl
