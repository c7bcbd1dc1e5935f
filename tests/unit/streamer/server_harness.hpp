#pragma once

#include <poll.h>

#include <atomic>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "streamer/protocol/channel.hpp"
#include "streamer/serve/server.hpp"
#include "tests/unit/streamer/test_fds.hpp"

namespace carrel::test {

inline constexpr int kPatienceMs = 20'000;

/// Waits for one event of `fd`; false when the deadline passed.
inline bool wait_for(int fd, short events) {
  pollfd watched{fd, events, 0};
  return ::poll(&watched, 1, kPatienceMs) > 0;
}

/// The next message, or none when the peer closed or nothing came in time.
inline std::optional<protocol::Message> next_message(int socket) {
  while (wait_for(socket, POLLIN)) {
    auto got = protocol::receive(socket);
    if (!got) {
      return std::nullopt;
    }
    if (got->has_value()) {
      return std::move((*got)->message);
    }
  }
  return std::nullopt;
}

/// Reads until `total` bytes are there, in steps of at most `step`; less when the other end closed.
inline std::string read_some(int fd, std::size_t total, std::size_t step = 65536) {
  std::string all;
  std::string part(step, ' ');
  while (all.size() < total && wait_for(fd, POLLIN)) {
    const ssize_t got = ::read(fd, part.data(), std::min(step, total - all.size()));
    if (got > 0) {
      all.append(part, 0, static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EAGAIN) {
      break;
    }
  }
  return all;
}

/// Gives each request what the test put here.
class FakePackager : public streamer::Packager {
 public:
  std::function<Result<streamer::Packaged>(const protocol::Serve&)> make = [](const protocol::Serve&) {
    return Result<streamer::Packaged>(make_error(ErrorKind::not_found, "nothing here"));
  };
  Result<streamer::Packaged> package(const protocol::Serve& request, const streamer::FilmFacts&, int,
                                     std::span<const UniqueFd>) override {
    return make(request);
  }
  std::atomic<std::uint32_t> bad = 0;  ///< what it says of variants
  std::uint32_t bad_variants(std::span<const UniqueFd> variants) override {
    return variants.empty() ? 0 : bad.load();
  }
  std::uint32_t version() const override { return 7; }
};

/// A server on a thread of its own, and the daemon's end of its control socket.
class ServerHarness {
 public:
  explicit ServerHarness(streamer::ServerSettings settings = {}, std::string path = {},
                         std::size_t spares = 0) {
    std::signal(SIGPIPE, SIG_IGN);
    auto [ours, theirs] = socket_pair(SOCK_SEQPACKET);
    control = std::move(ours);
    std::vector<UniqueFd> spare_sockets;
    for (std::size_t i = 0; i < spares; ++i) {
      spare_sockets.push_back(*protocol::make_socket());
    }
    auto server = streamer::Server::make(
        streamer::ControlLink(std::move(theirs), std::move(path), std::move(spare_sockets)), packager,
        settings);
    thread_ = std::thread([running = std::move(*server)]() mutable {
      if (!running.run()) {
        std::abort();
      }
    });
    const auto hello = next_message(control.get());
    greeted = hello && std::holds_alternative<protocol::Hello>(*hello);
  }
  ~ServerHarness() {
    control.reset();
    thread_.join();
  }
  ServerHarness(const ServerHarness&) = delete;
  ServerHarness& operator=(const ServerHarness&) = delete;

  bool ask(const protocol::Serve& request, std::vector<int> descriptors) const {
    for (;;) {
      const auto sent = protocol::send(control.get(), request, descriptors);
      if (sent || sent.error().kind != ErrorKind::busy || !wait_for(control.get(), POLLOUT)) {
        return sent.has_value();
      }
    }
  }
  /// The next Done; id 0 when none came.
  [[nodiscard]] protocol::Done done() const {
    const auto message = next_message(control.get());
    const auto* ended = message ? std::get_if<protocol::Done>(&*message) : nullptr;
    return ended != nullptr ? *ended : protocol::Done{};
  }

  FakePackager packager;
  UniqueFd control;
  bool greeted = false;

 private:
  std::thread thread_;
};

}  // namespace carrel::test
