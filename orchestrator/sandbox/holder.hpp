#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "base/error.hpp"
#include "orchestrator/sandbox/backoff.hpp"
#include "orchestrator/sandbox/container_plan.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/journal.hpp"

namespace carrel::sandbox {

/// One container that does nothing but keep a network namespace with nothing in it. Joining that is much
/// cheaper than having one made for each container. Those inside cannot meet in it: their seccomp profile
/// lets them open no socket that could be bound or listened on. I/O thread only.
class Holder {
 public:
  Holder(Engine& engine, Journal& journal, std::string instance, Backoff::Options backoff)
      : engine_(engine), journal_(journal), instance_(std::move(instance)), tries_(backoff) {}

  /// The container to join; empty while there is none, and then a namespace of one's own does.
  [[nodiscard]] const std::string& container() const noexcept { return container_; }
  /// How it is joined: by its name, which an allow-list before the engine can tell from others'.
  [[nodiscard]] const std::string& network() const noexcept { return name_; }
  void adopt(std::string container, std::string name);
  /// It is not there any more: the next make() makes another.
  void lost();

  [[nodiscard]] bool is(const std::string& container) const {
    return !container_.empty() && container == container_;
  }

  /// Does nothing when there is one, one is being made, or the last ones were moments ago.
  boost::asio::awaitable<Result<void>> make(std::string image);

 private:
  boost::asio::awaitable<Result<void>> start_one(std::string image);

  Engine& engine_;
  Journal& journal_;
  std::string instance_;
  std::string container_;
  std::string name_;
  bool making_ = false;
  Backoff tries_;
  Backoff::Clock::time_point lives_since_;
};

}  // namespace carrel::sandbox
