#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

/// The directory on the host that one container sees as its only mount. Made on construction, removed (with
/// the socket in it) on destruction unless it is kept for a daemon to come.
class ControlDirectory {
 public:
  [[nodiscard]] static Result<ControlDirectory> make(const std::filesystem::path& path);
  ControlDirectory(ControlDirectory&& other) noexcept;
  ControlDirectory& operator=(ControlDirectory&& other) noexcept;
  ~ControlDirectory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  void keep() noexcept { keep_ = true; }

  /// A fresh listening socket in it; one left by an earlier daemon is replaced.
  [[nodiscard]] Result<UniqueFd> listen() const;

 private:
  explicit ControlDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  void remove() noexcept;

  std::filesystem::path path_;
  bool keep_ = false;
};

/// The daemon's end of a sandbox's control socket: waits for the streamer to connect, then passes messages.
/// When the streamer breaks the protocol or leaves, on_closed is called and the channel waits for it no more.
/// All on the I/O thread; callbacks may destroy the channel.
class ControlChannel : public std::enable_shared_from_this<ControlChannel> {
 public:
  struct Events {
    std::function<void(protocol::Message)> on_message;
    std::function<void(std::string why)> on_closed;
  };

  ControlChannel(boost::asio::any_io_executor executor, UniqueFd listener, Events events);

  void start();

  /// Of a streamer whose process is gone: what it sent before, which is all there by now.
  void deliver_last();

  /// Drops the connection and the callbacks; nothing is called any more.
  void stop();

  /// ErrorKind::unavailable: no connection. ErrorKind::busy: the streamer does not read its messages.
  [[nodiscard]] Result<void> send(const protocol::Message& message, std::span<const int> descriptors);

 private:
  void accept_next();
  void read_next();
  bool deliver_waiting();
  void close(std::string why);

  boost::asio::posix::stream_descriptor listener_;
  boost::asio::posix::stream_descriptor peer_;
  Events events_;
};

}  // namespace carrel::sandbox
