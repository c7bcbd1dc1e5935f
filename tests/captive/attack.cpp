#include "tests/captive/attack.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "streamer/protocol/patient.hpp"

namespace carrel::captive {
namespace {

constexpr std::string_view kPrefix = "attack-";
constexpr int kPatienceMs = 10'000;

}  // namespace

std::string attack_of(const protocol::Serve& request) {
  if (!request.conditions.if_none_match) {
    return {};
  }
  for (const protocol::EntityTag& tag : request.conditions.if_none_match->tags) {
    if (tag.opaque.starts_with(kPrefix)) {
      return tag.opaque.substr(kPrefix.size());
    }
  }
  return {};
}

std::size_t send_answer(int client, const std::string& text) {
  const std::string all =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(text.size()) +
      "\r\n\r\n" + text;
  std::size_t sent = 0;
  pollfd watched{client, POLLOUT, 0};
  while (sent < all.size() && ::poll(&watched, 1, kPatienceMs) > 0) {
    const ssize_t done = ::send(client, all.data() + sent, all.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0) {
      break;
    }
    sent += static_cast<std::size_t>(done);
  }
  return sent;
}

void say_done(const Target& target, protocol::RequestId id, std::size_t bytes, std::string detail) {
  const protocol::Done done{id, protocol::Outcome::complete, 200, bytes, 0, std::move(detail)};
  static_cast<void>(protocol::send_patiently(target.control, done));
}

void answer(Target& target, const std::string& text) {
  const std::size_t bytes = send_answer(target.client(), text);
  target.descriptors.clear();
  say_done(target, target.request.id, bytes);
}

void attack(Target target, std::string_view name) {
  for (const auto kind : {attack_host, attack_daemon, attack_client, attack_jail}) {
    if (kind(target, name)) {
      return;
    }
  }
  answer(target, "no such attack");
}

}  // namespace carrel::captive
