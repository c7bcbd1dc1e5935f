// A streamer that serves as the real one does, until a request names an attack. It never enters the
// streamer's jail of itself, so the container has to hold alone.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "streamer/demux/index_film.hpp"
#include "streamer/protocol/patient.hpp"
#include "streamer/serve/begin.hpp"
#include "streamer/serve/index_job.hpp"
#include "tests/captive/attack.hpp"

namespace {

using namespace carrel;

constexpr std::uint64_t kTurn = 1U << 20U;
constexpr int kPatienceMs = 60'000;

/// Honestly, one request after the other.
void serve(int control, const protocol::Serve& request, std::vector<UniqueFd> descriptors,
           streamer::Packager& packager) {
  protocol::Done done;
  done.id = request.id;
  done.outcome = protocol::Outcome::internal;
  {
    auto transfer = streamer::begin_transfer(request, std::move(descriptors), packager);
    if (transfer) {
      while (transfer->advance(kTurn) != streamer::Transfer::State::ended) {
        pollfd watched{transfer->answer_fd(), POLLOUT, 0};
        static_cast<void>(::poll(&watched, 1, kPatienceMs));
      }
      done.outcome = transfer->outcome();
      done.status = transfer->status();
      done.bytes = transfer->bytes_sent();
    }
  }
  static_cast<void>(protocol::send_patiently(control, done));
}

int stream(int control) {
  const auto packager = streamer::make_index_packager();
  if (!protocol::send_patiently(control, protocol::Hello{})) {
    return 1;
  }
  for (;;) {
    auto received = protocol::receive_patiently(control);
    if (!received) {
      if (received.error().kind == ErrorKind::timeout) {
        continue;
      }
      return 1;
    }
    const auto* request = std::get_if<protocol::Serve>(&received->message);
    if (request == nullptr) {
      continue;
    }
    const std::string name = captive::attack_of(*request);
    if (name.empty()) {
      serve(control, *request, std::move(received->descriptors), *packager);
    } else {
      captive::attack({control, *request, std::move(received->descriptors)}, name);
    }
  }
}

int run(std::string_view job, const std::string& path) {
  // As the real one comes to its control socket; see streamer/main.cpp.
  const std::size_t slash = path.rfind('/');
  if (::chdir(path.substr(0, slash).c_str()) != 0) {
    return 1;
  }
  const auto control = protocol::connect_to(path.substr(slash + 1).c_str());
  if (!control) {
    return 1;
  }
  if (job == "index") {
    return streamer::run_index_job(control->get(), streamer::index_film) ? 0 : 1;
  }
  return stream(control->get());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && std::string_view(argv[1]) == "hold") {
    for (;;) ::poll(nullptr, 0, -1);
  }
  return argc == 3 ? run(argv[1], argv[2]) : 2;
}
