#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streamer/demux/index_film.hpp"
#include "streamer/jail/jail.hpp"
#include "streamer/jail/start.hpp"
#include "streamer/protocol/channel.hpp"
#include "streamer/serve/index_job.hpp"
#include "streamer/serve/packager.hpp"
#include "streamer/serve/server.hpp"
#include "streamer/verify/verify_job.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;

constexpr std::size_t kSpareSockets = 8;  // one for each time the daemon may come back
constexpr int kUsageExit = 2;

Result<void> stream(const std::string& path) {
  Result<UniqueFd> control = protocol::connect_to(path.c_str());
  if (!control) {
    return control.error();
  }
  std::vector<UniqueFd> spares;
  for (std::size_t i = 0; i < kSpareSockets; ++i) {
    Result<UniqueFd> spare = protocol::make_socket();
    if (!spare) {
      return spare.error();
    }
    spares.push_back(std::move(*spare));
  }
  const std::unique_ptr<Packager> packager = make_index_packager();
  Result<Server> server =
      Server::make(ControlLink(std::move(*control), path, std::move(spares)), *packager, ServerSettings{});
  if (!server) {
    return server.error();
  }
  const OwnDescriptors own{server->control_descriptors(), server->ticker_descriptor()};
  Result<void> jailed = close_jail(JailFor::streaming, own);
  if (!jailed) {
    return jailed;
  }
  return server->run();
}

Result<void> index(const std::string& path) {
  Result<UniqueFd> control = protocol::connect_to(path.c_str());
  if (!control) {
    return control.error();
  }
  const OwnDescriptors own{{control->get()}, -1};
  Result<void> jailed = close_jail(JailFor::indexing, own);
  if (!jailed) {
    return jailed;
  }
  return run_index_job(control->get(), index_film);
}

Result<void> verify_jail(const std::string& path) {
  Result<UniqueFd> control = protocol::connect_to(path.c_str());
  if (!control) {
    return control.error();
  }
  return verify::run_verify_job(control->get());
}

/// Keeps a network namespace with nothing in it for others to join, which is cheaper than one each.
[[noreturn]] void hold() {
  for (;;) ::poll(nullptr, 0, -1);
}

int report(const Result<void>& result) {
  if (result) {
    return 0;
  }
  std::fprintf(stderr, "carrel-streamer: %s\n", result.error().message.c_str());
  return 1;
}

int run(std::span<char* const> arguments) {
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "--version") {
    std::puts("carrel-streamer " CARREL_VERSION);
    return 0;
  }
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "hold") hold();
  const std::string_view job = arguments.size() == 3 ? arguments[1] : "";
  if (job == "stream" || job == "index" || job == "verify") {
    const Result<std::string> name = approach(arguments[2]);
    if (!name) {
      return report(name.error());
    }
    return report(job == "stream" ? stream(*name) : job == "index" ? index(*name) : verify_jail(*name));
  }
  std::fputs("usage: carrel-streamer stream|index|verify SOCKET | hold | --version\n", stderr);
  return kUsageExit;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that went away is an error value of send and sendfile
  const int code = run({argv, static_cast<std::size_t>(argc)});
  std::fflush(nullptr);
  ::_exit(code);  // what libraries do at exit may not be allowed any more
}
