#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace carrel::http {

/// What a server's connections have in common. I/O thread only.
class ServerLoad {
 public:
  /// A connection that waits for a request; `end` ends that wait, and must not do so before it returns.
  struct Waiting {
    std::function<void()> end;
    bool fresh = false;  ///< no request came over it yet
  };

  /// Registers a wait for as long as it lives.
  class Wait {
   public:
    Wait(ServerLoad& load, Waiting waiting)
        : load_(load), place_(load.waiting_.insert(load.waiting_.end(), std::move(waiting))) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { load_.waiting_.erase(place_); }

   private:
    ServerLoad& load_;
    std::list<Waiting>::iterator place_;
  };

  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

  /// False when this address has its share already: one client must not shut everybody else out.
  [[nodiscard]] bool admit(const std::string& address, std::size_t share);
  void release(const std::string& address);

  /// From now on every answer is its connection's last. `on_drained` is called once, when nothing is left of
  /// what begin_answer() counts; perhaps at once.
  void stop(std::function<void()> on_drained);
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }

  /// Ends the connections that wait for another request; with `fresh`, for their first one too.
  void end_waiting(bool fresh);

  /// Work that the end of the server waits for: an answer that the daemon makes itself, or a client that got
  /// through and has not been answered yet.
  void begin_answer() { ++answers_; }
  void end_answer();

 private:
  void tell_when_drained();

  std::size_t connections_ = 0;
  std::map<std::string, std::size_t> by_address_;
  std::size_t answers_ = 0;
  std::list<Waiting> waiting_;
  std::function<void()> on_drained_;
  bool stopping_ = false;
};

/// After stop(): ends the connections that wait for another request at once, and a little later those that
/// have not sent their first, which may be under way.
boost::asio::awaitable<void> end_connections(boost::asio::any_io_executor executor,
                                             std::shared_ptr<ServerLoad> load);

}  // namespace carrel::http
