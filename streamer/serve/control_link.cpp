#include "streamer/serve/control_link.hpp"

#include <sys/socket.h>

#include <utility>

#include "streamer/protocol/channel.hpp"

namespace carrel::streamer {

ControlLink::ControlLink(UniqueFd connected, std::string path, std::vector<UniqueFd> spares)
    : socket_(std::move(connected)), path_(std::move(path)), spares_(std::move(spares)) {}

std::vector<int> ControlLink::descriptors() const {
  std::vector<int> all{socket_.get()};
  for (const UniqueFd& spare : spares_) {
    all.push_back(spare.get());
  }
  return all;
}

Result<void> ControlLink::send(protocol::Message message) {
  waiting_.push_back(std::move(message));
  return flush();
}

Result<void> ControlLink::flush() {
  while (!waiting_.empty()) {
    Result<void> sent = protocol::send(socket_.get(), waiting_.front());
    if (!sent) {
      if (sent.error().kind == ErrorKind::busy) {
        return {};
      }
      return sent;
    }
    waiting_.pop_front();
  }
  return {};
}

void ControlLink::drop() {
  // In the jail it cannot be closed: its number must not pass to a client's socket.
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.reset();
  waiting_.clear();
}

bool ControlLink::reconnect() {
  if (spares_.empty() || !protocol::connect_with(spares_.back().get(), path_.c_str())) {
    return false;
  }
  socket_ = std::move(spares_.back());
  spares_.pop_back();
  ++generation_;
  return true;
}

}  // namespace carrel::streamer
