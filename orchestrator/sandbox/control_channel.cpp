#include "orchestrator/sandbox/control_channel.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "orchestrator/sandbox/control_path.hpp"
#include "streamer/protocol/channel.hpp"

namespace carrel::sandbox {

// A sandbox that floods its socket waits for its turn like everybody else.
constexpr int kMessagesPerTurn = 16;

Result<ControlDirectory> ControlDirectory::make(const std::filesystem::path& path) {
  // The parent is the daemon's alone (0700); this one is looked at by the container's unprivileged user.
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return errno_error("make the control directory " + path.string(), errno);
  }
  if (::chmod(path.c_str(), 0755) != 0) {
    return errno_error("open the control directory " + path.string() + " to its container", errno);
  }
  return ControlDirectory(path);
}

ControlDirectory::ControlDirectory(ControlDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), keep_(other.keep_) {}

ControlDirectory& ControlDirectory::operator=(ControlDirectory&& other) noexcept {
  remove();
  path_ = std::exchange(other.path_, {});
  keep_ = other.keep_;
  return *this;
}

ControlDirectory::~ControlDirectory() {
  remove();
}

void ControlDirectory::remove() noexcept {
  if (path_.empty() || keep_) return;
  ::unlink((path_ / kControlSocket).c_str());
  ::rmdir(path_.c_str());
}

Result<UniqueFd> ControlDirectory::listen() const {
  const UniqueFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error("open the control directory " + path_.string(), errno);
  if (::unlinkat(directory.get(), kControlSocket, 0) != 0 && errno != ENOENT) {
    return errno_error("remove an old control socket in " + path_.string(), errno);
  }
  return protocol::listen_in(directory.get(), kControlSocket);
}

ControlChannel::ControlChannel(boost::asio::any_io_executor executor, UniqueFd listener, Events events)
    : listener_(executor, listener.release()), peer_(executor), events_(std::move(events)) {}

void ControlChannel::start() {
  accept_next();
}

void ControlChannel::stop() {
  events_ = {};
  boost::system::error_code ignored;
  listener_.close(ignored);
  peer_.close(ignored);
}

Result<void> ControlChannel::send(const protocol::Message& message, std::span<const int> descriptors) {
  if (!peer_.is_open()) return make_error(ErrorKind::unavailable, "the sandbox is not connected");
  return protocol::send(peer_.native_handle(), message, descriptors);
}

void ControlChannel::accept_next() {
  listener_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                         if (error || !self->listener_.is_open()) return;
                         auto accepted = protocol::accept_from(self->listener_.native_handle());
                         if (accepted.has_error()) return self->close(accepted.error().message);
                         if (!*accepted) return self->accept_next();
                         // One sandbox, one connection: nobody else can take its place while it lives.
                         boost::system::error_code ignored;
                         self->listener_.close(ignored);
                         self->peer_.assign((*accepted)->release(), ignored);
                         self->read_next();
                       });
}

void ControlChannel::read_next() {
  peer_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                   [self = shared_from_this()](boost::system::error_code error) {
                     if (error || !self->peer_.is_open()) return;
                     if (self->deliver_waiting()) self->read_next();
                   });
}

void ControlChannel::deliver_last() {
  while (peer_.is_open()) {
    auto received = protocol::receive(peer_.native_handle());
    if (received.has_error() || !*received) return;
    const auto on_message = events_.on_message;
    if (!on_message) return;
    on_message(std::move((*received)->message));
  }
}

bool ControlChannel::deliver_waiting() {
  for (int count = 0; count < kMessagesPerTurn; ++count) {
    if (!peer_.is_open()) return false;
    auto received = protocol::receive(peer_.native_handle());
    if (received.has_error()) {
      close(received.error().message);
      return false;
    }
    if (!*received) return true;
    // A sandbox has no reason to hand anything over; what it sends along is closed here.
    // Copied, because the callee may stop this channel and with it the callbacks.
    const auto on_message = events_.on_message;
    if (on_message) on_message(std::move((*received)->message));
  }
  return peer_.is_open();
}

void ControlChannel::close(std::string why) {
  auto on_closed = std::move(events_.on_closed);
  stop();
  if (on_closed) on_closed(std::move(why));
}

}  // namespace carrel::sandbox
