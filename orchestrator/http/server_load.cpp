#include "orchestrator/http/server_load.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace carrel::http {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kFirstRequest{1};

}  // namespace

bool ServerLoad::admit(const std::string& address, std::size_t share) {
  if (by_address_[address] >= share) return false;
  ++by_address_[address];
  ++connections_;
  return true;
}

void ServerLoad::release(const std::string& address) {
  --connections_;
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
}

void ServerLoad::stop(std::function<void()> on_drained) {
  stopping_ = true;
  on_drained_ = std::move(on_drained);
  tell_when_drained();
}

void ServerLoad::end_waiting(bool fresh) {
  for (const Waiting& one : waiting_) {
    if (fresh || !one.fresh) one.end();
  }
}

void ServerLoad::end_answer() {
  --answers_;
  tell_when_drained();
}

void ServerLoad::tell_when_drained() {
  if (answers_ == 0 && on_drained_) std::exchange(on_drained_, nullptr)();
}

asio::awaitable<void> end_connections(asio::any_io_executor executor, std::shared_ptr<ServerLoad> load) {
  load->end_waiting(false);
  asio::steady_timer timer(executor, kFirstRequest);
  co_await timer.async_wait(asio::use_awaitable);
  load->end_waiting(true);
}

}  // namespace carrel::http
