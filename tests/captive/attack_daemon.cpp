// Lies and rubbish on the control socket.
#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "streamer/protocol/codec.hpp"
#include "streamer/protocol/patient.hpp"
#include "tests/captive/attack.hpp"

namespace carrel::captive {
namespace {

constexpr protocol::RequestId kNeverGiven = 1'000'000;
constexpr int kFlood = 20'000;
constexpr int kPatienceMs = 10'000;

void say(const Target& target, const protocol::Message& message) {
  static_cast<void>(protocol::send_patiently(target.control, message));
}

void say_raw(const Target& target, const std::string& bytes) {
  pollfd watched{target.control, POLLOUT, 0};
  static_cast<void>(::poll(&watched, 1, kPatienceMs));
  static_cast<void>(!::send(target.control, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

/// More descriptors than any message of the protocol has, with a message that has none.
void hand_over_descriptors(const Target& target, std::size_t count) {
  std::vector<std::byte> bytes = protocol::encode(protocol::IndexProgress{1, 1});
  iovec data{bytes.data(), bytes.size()};
  const std::vector<int> handed(count, target.film());
  std::vector<std::byte> control(CMSG_SPACE(sizeof(int) * count));
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int) * count);
  std::copy(handed.begin(), handed.end(), static_cast<int*>(static_cast<void*>(CMSG_DATA(part))));
  static_cast<void>(!::sendmsg(target.control, &header, MSG_NOSIGNAL));
}

void flood(const Target& target) {
  for (int i = 0; i < kFlood; ++i) {
    say(target, protocol::IndexProgress{kNeverGiven, static_cast<std::uint64_t>(i)});
  }
}

}  // namespace

bool attack_daemon(Target& target, std::string_view name) {
  if (name == "giant") {
    say_raw(target, std::string(100'000, 'x'));
  } else if (name == "malformed") {
    std::string bytes("\0\0\x03", 3);
    bytes[0] = static_cast<char>(protocol::kVersion);
    say_raw(target, bytes + "not a Done");
  } else if (name == "version") {
    say_raw(target, std::string("\xff\xff\x00\x00\x00", 5));
  } else if (name == "hello-twice") {
    say(target, protocol::Hello{});
  } else if (name == "another-id") {
    say_done(target, kNeverGiven, 0);
  } else if (name == "another-job") {
    say(target, protocol::Indexed{});
  } else if (name == "false-attempt") {
    say(target, protocol::Attempt{});
  } else if (name == "order") {
    say(target, protocol::Serve{});
  } else if (name == "nothing-done") {
    say_done(target, target.request.id, 0);
    return true;
  } else if (name == "flood") {
    flood(target);
  } else if (name == "descriptors-back") {
    hand_over_descriptors(target, protocol::kMaxDescriptors);
  } else if (name == "more-descriptors-back") {
    hand_over_descriptors(target, 100);
  } else if (name == "done-twice") {
    const std::size_t bytes = send_answer(target.client(), "first");
    say_done(target, target.request.id, bytes);
    say_done(target, target.request.id, bytes);
    return true;
  } else {
    return false;
  }
  answer(target, "said");
  return true;
}

}  // namespace carrel::captive
