#include "hwtune/measure/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/unique_fd.hpp"
#include "hwtune/measure/bounds.hpp"

namespace carrel::hwtune {
namespace {

constexpr std::size_t kMostOutput = 1U << 20;
constexpr int kDyingMilliseconds = 250;
constexpr std::size_t kMostUndead = 4;
constexpr char kSystemFolder[] = "/usr/sbin/";

/// Programs that did not die in time. Each holds a process, and whatever it waits for.
std::vector<pid_t>& undead() {
  static std::vector<pid_t> processes;
  return processes;
}

class Actions {
 public:
  Actions() { ::posix_spawn_file_actions_init(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Until the program ends, or its time is over.
std::string output_of(const UniqueFd& pipe, double seconds) {
  std::string output;
  const Watch watch;
  std::array<char, 16384> block{};
  while (watch.seconds() < seconds) {
    pollfd readable{pipe.get(), POLLIN, 0};
    const double left = std::max(0.0, seconds - watch.seconds());
    if (::poll(&readable, 1, static_cast<int>(left * 1000) + 1) <= 0) continue;
    const ssize_t count = ::read(pipe.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    if (output.size() < kMostOutput) output.append(block.data(), static_cast<std::size_t>(count));
  }
  return output;
}

/// Not waited for without end: a program that waits for a broken disk does not die before the disk answers.
void end(pid_t process) {
  ::kill(process, SIGKILL);
  // By number: glibc 2.36 declares pidfd_open(2) without extern "C".
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  while (::poll(&ended, 1, kDyingMilliseconds) < 0 && errno == EINTR) {
  }
  if (::waitpid(process, nullptr, WNOHANG) == 0) undead().push_back(process);
}

/// The PATH of Debian's users leaves the programs of administrators out.
int start(pid_t* process, std::vector<std::string> words, Actions& actions) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int error =
      ::posix_spawnp(process, arguments[0], actions.get(), nullptr, arguments.data(), ::environ);
  if (error != ENOENT || words.front().find('/') != std::string::npos) return error;
  const std::string there = kSystemFolder + words.front();
  return ::posix_spawn(process, there.c_str(), actions.get(), nullptr, arguments.data(), ::environ);
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& words, double seconds) {
  std::erase_if(undead(), [](pid_t process) { return ::waitpid(process, nullptr, WNOHANG) != 0; });
  if (undead().size() >= kMostUndead) {
    return make_error(ErrorKind::unavailable, std::to_string(undead().size()) +
                                                  " earlier programs hang and cannot be ended; " +
                                                  words.front() + " is not started");
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe", errno);
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  Actions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const int error = start(&process, words, actions);
  if (error == ENOENT) return make_error(ErrorKind::not_found, "there is no program " + words.front());
  if (error != 0) return errno_error("start " + words.front(), error);
  writing.reset();
  std::string output = output_of(reading, seconds);
  end(process);
  return output;
}

}  // namespace carrel::hwtune
