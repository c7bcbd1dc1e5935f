#include "streamer/verify/verify_job.hpp"

#include <sys/socket.h>

#include <utility>

#include "streamer/jail/jail.hpp"
#include "streamer/protocol/patient.hpp"
#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

constexpr char kFinal[] = "jail: read a client's next request";
constexpr char kKilled[] = "killed";

/// In the tighter jail: only returns when the attempt was survived.
std::string break_the_jail(int control, int client) {
  const OwnDescriptors own{{control}, -1};
  const Result<void> jailed = enter_jail(JailFor::streaming, own);
  if (!jailed) {
    return jailed.error().message;
  }
  char byte = 0;
  iovec into{&byte, 1};
  msghdr header{};
  header.msg_iov = &into;
  header.msg_iovlen = 1;
  static_cast<void>(::recvmsg(client, &header, MSG_PEEK | MSG_DONTWAIT));
  return "survived";
}

}  // namespace

Result<void> run_verify_job(int control) {
  Result<void> told = protocol::send_patiently(control, protocol::Hello{});
  if (!told) {
    return told;
  }
  const Result<protocol::Received> received = protocol::receive_patiently(control);
  if (!received) {
    return received.error();
  }
  const auto* job = std::get_if<protocol::Verify>(&received->message);
  if (job == nullptr || received->descriptors.size() != 2) {
    return make_error(ErrorKind::invalid,
                      "a verifying sandbox takes one Verify message with two descriptors");
  }
  const Given given{received->descriptors[0].get(), received->descriptors[1].get()};
  for (const Trial& trial : all_trials()) {
    Seen seen = trial.attempt(given);
    const bool refused = as_expected(trial, seen);
    told = protocol::send_patiently(control, protocol::Attempt{job->id, trial.name, trial.expected,
                                                               std::move(seen.outcome), refused, false});
    if (!told) {
      return told;
    }
  }
  told = protocol::send_patiently(control, protocol::Attempt{job->id, kFinal, kKilled, "", false, true});
  if (!told) {
    return told;
  }
  const std::string survived = break_the_jail(control, given.client);
  return protocol::send_patiently(control,
                                  protocol::Attempt{job->id, kFinal, kKilled, survived, false, false});
}

}  // namespace carrel::streamer::verify
