#include "orchestrator/lib/curl/loop.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace carrel::curl {
namespace {

constexpr int kLongestPollMs = 60'000;

void initialise_library() {
  // Plain HTTP over Unix sockets needs neither TLS nor name resolution.
  static const CURLcode code = curl_global_init(CURL_GLOBAL_NOTHING);
  if (code != CURLE_OK) throw std::runtime_error("libcurl does not initialise; is the library damaged?");
}

/// Starts a thread that takes no signal, so that these reach the threads that expect them.
template <class Function>
std::thread quiet_thread(Function function) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(function));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Loop::Loop(std::size_t max_pending) : max_pending_(max_pending) {
  initialise_library();
  multi_.reset(curl_multi_init());
  if (!multi_) throw std::runtime_error("libcurl gave no multi handle: out of memory");
  thread_ = quiet_thread([this] { run(); });
}

Loop::~Loop() {
  stop();
}

TransferId Loop::submit(Request request, std::unique_ptr<Sink> sink) {
  const TransferId id = ++last_id_;
  if (++pending_ > max_pending_) {
    --pending_;
    sink->done(Failure{Failure::Cause::busy, std::to_string(max_pending_) + " requests are pending already"});
    return id;
  }
  post(Submit{id, std::move(request), std::move(sink)});
  return id;
}

void Loop::cancel(TransferId id) {
  post(Cancel{id});
}

void Loop::resume(TransferId id) {
  post(Resume{id});
}

bool Loop::post(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      inbox_.push_back(std::move(command));
      curl_multi_wakeup(multi_.get());
      return true;
    }
  }
  if (auto* submit = std::get_if<Submit>(&command)) {
    --pending_;
    submit->sink->done(Failure{Failure::Cause::stopped, "the client is stopping"});
  }
  return false;
}

void Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    curl_multi_wakeup(multi_.get());
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<Loop::Command> Loop::take_inbox() {
  const std::lock_guard lock(mutex_);
  return std::exchange(inbox_, {});
}

void Loop::run() {
  for (bool stopping = false; !stopping;) {
    for (Command& command : take_inbox()) {
      std::visit([this](auto& one) { obey(std::move(one)); }, command);
    }
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    reap();
    const int wait_ms = end_overdue_heads();
    curl_multi_poll(multi_.get(), nullptr, 0, wait_ms, nullptr);
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
  }
  for (Command& command : take_inbox()) {
    if (auto* submit = std::get_if<Submit>(&command)) obey(std::move(*submit));
  }
  while (!transfers_.empty()) {
    finish(transfers_.begin()->first, Failure{Failure::Cause::stopped, "the client is stopping"});
  }
}

void Loop::obey(Submit command) {
  auto transfer = std::make_unique<Transfer>(std::move(command.request), std::move(command.sink));
  const bool added =
      transfer->handle() && curl_multi_add_handle(multi_.get(), transfer->handle()) == CURLM_OK;
  transfers_.emplace(command.id, std::move(transfer));
  if (!added) finish(command.id, Failure{Failure::Cause::internal, "libcurl takes no further transfer"});
}

void Loop::obey(Cancel command) {
  finish(command.id, Failure{Failure::Cause::cancelled, "cancelled by the caller"});
}

void Loop::obey(Resume command) {
  const auto found = transfers_.find(command.id);
  if (found != transfers_.end()) found->second->resume();
}

void Loop::reap() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const Transfer* const ended = Transfer::of(message->easy_handle);
    for (const auto& [id, transfer] : transfers_) {
      if (transfer.get() != ended) continue;
      finish(id, code);
      break;
    }
  }
}

int Loop::end_overdue_heads() {
  using std::chrono::milliseconds;
  const auto now = Transfer::Clock::now();
  auto wait = milliseconds(kLongestPollMs);
  for (auto next = transfers_.begin(); next != transfers_.end();) {
    const auto& [id, transfer] = *next++;
    const auto deadline = transfer->head_deadline();
    if (!deadline) continue;
    if (now >= *deadline) {
      finish(id, Failure{Failure::Cause::timeout, "no answer within the deadline"});
    } else {
      wait = std::min(wait, std::chrono::ceil<milliseconds>(*deadline - now));
    }
  }
  return static_cast<int>(wait.count());
}

template <class Reason>
void Loop::finish(TransferId id, Reason reason) {
  auto node = transfers_.extract(id);
  if (node.empty()) return;
  const std::unique_ptr<Transfer> transfer = std::move(node.mapped());
  if (transfer->handle()) curl_multi_remove_handle(multi_.get(), transfer->handle());
  --pending_;
  transfer->finish(std::move(reason));
}

}  // namespace carrel::curl
