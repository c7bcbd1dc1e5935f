#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "base/error.hpp"
#include "orchestrator/sandbox/container_plan.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/journal.hpp"

namespace carrel::sandbox {

/// One container that does nothing but keep a network namespace with nothing in it. Joining that is much
/// cheaper than having one made for each container. Those inside cannot meet in it: their seccomp profile
/// lets them open no socket that could be bound or listened on. I/O thread only.
class Holder {
 public:
  Holder(Engine& engine, Journal& journal, std::string instance)
      : engine_(engine), journal_(journal), instance_(std::move(instance)) {}

  /// The container to join; empty while there is none, and then a namespace of one's own does.
  [[nodiscard]] const std::string& container() const noexcept { return container_; }
  void adopt(std::string container) { container_ = std::move(container); }
  /// It is not there any more: the next make() makes another.
  void lost() { container_.clear(); }

  [[nodiscard]] bool is(const std::string& container) const {
    return !container_.empty() && container == container_;
  }

  /// Does nothing when there is one, one is being made, or the last try was a moment ago.
  boost::asio::awaitable<Result<void>> make(std::string image);

 private:
  boost::asio::awaitable<Result<void>> start_one(std::string image);

  Engine& engine_;
  Journal& journal_;
  std::string instance_;
  std::string container_;
  bool making_ = false;
  std::chrono::steady_clock::time_point next_try_ = std::chrono::steady_clock::time_point::min();
  std::chrono::seconds pause_ = kFirstPause;

  static constexpr std::chrono::seconds kFirstPause{1};
  static constexpr std::chrono::seconds kLongestPause{60};
};

}  // namespace carrel::sandbox
