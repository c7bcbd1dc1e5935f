// The daemon's side of one job, for tests: runs the converter, gives it the job, and prints its answer as
// JSON.
//
//   convert_job PROGRAM pictures FILM INDEX OUT COLUMNS WIDTH HEIGHT QUALITY SYNC_ONLY TIME_US…
//   convert_job PROGRAM convert FILM INDEX MEDIA VARIANT_INDEX CHECKPOINT HEIGHT BITS_PER_SECOND [KILL_AT_US]
//
// KILL_AT_US: the converter is killed (SIGKILL) when it has made so much of the film.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/protocol/channel.hpp"

namespace {

using namespace carrel;
namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fail(result.error().message);
}

UniqueFd open_file(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!fd) fail("cannot open " + path);
  return fd;
}

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

void wait_for(int fd) {
  constexpr int kPatience = 600'000;
  pollfd one{fd, POLLIN, 0};
  if (::poll(&one, 1, kPatience) <= 0) fail("the converter says nothing");
}

class Converter {
 public:
  explicit Converter(const std::string& program) {
    char pattern[] = "/tmp/convert_job.XXXXXX";
    folder_ = ::mkdtemp(pattern);
    const UniqueFd directory = open_file(folder_, O_RDONLY | O_DIRECTORY);
    const UniqueFd listener = must(protocol::listen_in(directory.get(), "control.sock"));
    const std::string socket = folder_ + "/control.sock";
    child_ = ::fork();
    if (child_ == 0) {
      ::execl(program.c_str(), program.c_str(), "convert", socket.c_str(), nullptr);
      ::_exit(127);
    }
    wait_for(listener.get());
    peer_ = std::move(*must(protocol::accept_from(listener.get())));
    if (!std::holds_alternative<protocol::Hello>(receive())) fail("it does not say hello");
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    ::waitpid(child_, nullptr, 0);
    fs::remove_all(folder_);
  }

  void send(const protocol::Message& message, const std::vector<int>& files) {
    const auto sent = protocol::send(peer_.get(), message, files);
    if (!sent) fail(sent.error().message);
  }
  protocol::Message receive() {
    for (;;) {
      wait_for(peer_.get());
      auto received = protocol::receive(peer_.get());
      if (!received) fail(received.error().message);
      if (*received) return std::move((*received)->message);
    }
  }
  void kill() { ::kill(child_, SIGKILL); }

 private:
  std::string folder_;
  pid_t child_ = -1;
  UniqueFd peer_;
};

void make_pictures(Converter& converter, char** arguments, int count) {
  const UniqueFd film = open_file(arguments[0], O_RDONLY);
  const UniqueFd index = open_file(arguments[1], O_RDONLY);
  const UniqueFd out = open_file(arguments[2], O_RDWR | O_CREAT | O_TRUNC);
  protocol::Pictures job;
  job.id = 1;
  job.columns = static_cast<std::uint16_t>(number(arguments[3]));
  job.width = static_cast<std::uint16_t>(number(arguments[4]));
  job.height = static_cast<std::uint16_t>(number(arguments[5]));
  job.quality = static_cast<std::uint8_t>(number(arguments[6]));
  job.sync_only = number(arguments[7]) != 0;
  for (int i = 8; i < count; ++i) job.times_us.push_back(number(arguments[i]));
  converter.send(job, {film.get(), index.get(), out.get()});
  const protocol::Message answer = converter.receive();
  const auto* made = std::get_if<protocol::PicturesMade>(&answer);
  if (made == nullptr) fail("another answer");
  std::cout << "{\"made\":" << (made->made ? "true" : "false")
            << ",\"may_work_later\":" << (made->may_work_later ? "true" : "false") << ",\"reason\":\""
            << made->reason << "\",\"width\":" << made->width << ",\"height\":" << made->height
            << ",\"bytes\":" << made->bytes << "}\n";
}

void convert(Converter& converter, char** arguments, int count) {
  const UniqueFd film = open_file(arguments[0], O_RDONLY);
  const UniqueFd index = open_file(arguments[1], O_RDONLY);
  const UniqueFd media = open_file(arguments[2], O_RDWR | O_CREAT);
  const UniqueFd variant = open_file(arguments[3], O_RDWR | O_CREAT);
  const UniqueFd checkpoint = open_file(arguments[4], O_RDWR | O_CREAT);
  protocol::Convert job;
  job.id = 1;
  job.height = static_cast<std::uint16_t>(number(arguments[5]));
  job.bits_per_second = static_cast<std::uint32_t>(number(arguments[6]));
  const std::uint64_t kill_at = count > 7 ? number(arguments[7]) : UINT64_MAX;
  converter.send(job, {film.get(), index.get(), media.get(), variant.get(), checkpoint.get()});
  std::uint64_t reports = 0;
  std::uint64_t first = 0;
  for (;;) {
    const protocol::Message message = converter.receive();
    if (const auto* progress = std::get_if<protocol::ConvertProgress>(&message)) {
      if (reports++ == 0) first = progress->done_us;
      if (progress->done_us < kill_at) continue;
      converter.kill();
      std::cout << "{\"killed_at\":" << progress->done_us << "}\n";
      return;
    }
    const auto* made = std::get_if<protocol::Converted>(&message);
    if (made == nullptr) fail("another answer");
    std::cout << "{\"made\":" << (made->made ? "true" : "false")
              << ",\"may_work_later\":" << (made->may_work_later ? "true" : "false") << ",\"reason\":\""
              << made->reason << "\",\"codec\":\"" << made->picture.codec
              << "\",\"width\":" << made->picture.width << ",\"height\":" << made->picture.height
              << ",\"bits_per_second\":" << made->picture.bits_per_second << ",\"reports\":" << reports
              << ",\"first_report\":" << first << "}\n";
    return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string job = argc > 2 ? argv[2] : "";
  if (job == "pictures" && argc > 11) {
    Converter converter(argv[1]);
    make_pictures(converter, argv + 3, argc - 3);
    return 0;
  }
  if (job == "convert" && argc > 9) {
    Converter converter(argv[1]);
    convert(converter, argv + 3, argc - 3);
    return 0;
  }
  std::cerr << "see the beginning of convert_job.cpp\n";
  return 2;
}
