#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "converter/job/job.hpp"
#include "streamer/jail/start.hpp"
#include "streamer/protocol/channel.hpp"

namespace {

using namespace carrel;

constexpr int kUsageExit = 2;

Result<void> convert(const std::string& path) {
  const Result<std::string> name = streamer::approach(path);
  if (!name) return name.error();
  const Result<UniqueFd> control = protocol::connect_to(name->c_str());
  if (!control) return control.error();
  const streamer::OwnDescriptors own{{control->get()}, -1};
  // Like an indexer it reads and writes what it was given, on one thread.
  const Result<void> jailed = streamer::close_jail(streamer::JailFor::indexing, own);
  if (!jailed) return jailed;
  return converter::run_job(control->get());
}

int run(std::span<char* const> arguments) {
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "--version") {
    std::puts("carrel-converter " CARREL_VERSION);
    return 0;
  }
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "convert") {
    std::fputs("usage: carrel-converter convert SOCKET | --version\n", stderr);
    return kUsageExit;
  }
  const Result<void> done = convert(arguments[2]);
  if (done) return 0;
  std::fprintf(stderr, "carrel-converter: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const int code = run({argv, static_cast<std::size_t>(argc)});
  std::fflush(nullptr);
  ::_exit(code);  // what libraries do at exit may not be allowed any more
}
