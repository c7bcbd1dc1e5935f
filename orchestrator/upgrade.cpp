#include "orchestrator/upgrade.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <iostream>
#include <system_error>
#include <utility>

namespace carrel {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr int kCheckMilliseconds = 10'000;
constexpr char kThisFile[] = "/proc/self/exe";

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

/// For the C interfaces of exec and spawn, which promise not to write (POSIX, rationale of exec).
std::vector<char*> pointers(const std::vector<std::string>& arguments) {
  std::vector<char*> result;
  for (const std::string& one : arguments) result.push_back(const_cast<char*>(one.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Its standard output and error go to `output`, which it alone inherits.
Result<pid_t> start(const fs::path& executable, const std::vector<std::string>& arguments, int output) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  // Clients' sockets above all: some are open without close-on-exec.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t process = 0;
  const int failed =
      ::posix_spawn(&process, executable.c_str(), &actions, nullptr, pointers(arguments).data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return errno_error("run " + executable.string(), failed);
  return process;
}

/// How it ended, for people; empty when well. Killed when it takes too long.
std::string end_of(pid_t process) {
  // By number: glibc 2.36 declares pidfd_open(2) without extern "C".
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, kCheckMilliseconds);
  } while (ready < 0 && errno == EINTR);
  const bool in_time = ready > 0;
  if (!in_time) ::kill(process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) return "did not end within " + std::to_string(kCheckMilliseconds / 1000) + " s";
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? std::string() : "ended with code " + std::to_string(WEXITSTATUS(status));
}

/// What has been written to a pipe that is not waited for; on one line, for a log.
std::string said(const UniqueFd& pipe) {
  std::array<char, 2048> text{};
  const ssize_t size = ::read(pipe.get(), text.data(), text.size());
  std::string result(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (result.ends_with('\n')) result.pop_back();
  for (char& one : result) {
    if (one == '\n') one = ' ';
  }
  return result;
}

}  // namespace

Program this_program(int argc, const char* const* argv) {
  Program program;
  program.arguments.assign(argv, argv + argc);
  std::error_code error;
  const bool named = argc > 0 && program.arguments.front().find('/') != std::string::npos;
  program.executable =
      named ? fs::absolute(program.arguments.front(), error) : fs::read_symlink(kThisFile, error);
  return program;
}

void hold_signals() {
  const sigset_t set = set_of({SIGUSR2, SIGHUP});
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

HeldSignal::HeldSignal(asio::any_io_executor executor, int signal) : descriptor_(std::move(executor)) {
  const sigset_t set = set_of({signal});
  const int fd = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  descriptor_.assign(fd);
}

asio::awaitable<bool> HeldSignal::wait() {
  signalfd_siginfo which{};
  auto room = asio::buffer(&which, sizeof which);
  const auto [error, size] = co_await descriptor_.async_read_some(room, asio::as_tuple(asio::use_awaitable));
  co_return !error && size == sizeof which;
}

Result<void> check_program(const Program& program) {
  std::array<int, 2> ends{};
  // Non-blocking at both ends: it must not wait for us to read, nor we for it.
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno_error("make a pipe", errno);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  std::vector<std::string> arguments = program.arguments;
  arguments.emplace_back("--check-config");
  const Result<pid_t> process = start(program.executable, arguments, writing.get());
  if (process.has_error()) return process.error();
  const std::string end = end_of(*process);
  if (end.empty()) return {};
  return make_error(ErrorKind::invalid,
                    program.executable.string() + " --check-config " + end + ": " + said(reading));
}

Error replace_program(const Program& program, const std::vector<PassedSocket>& sockets) {
  const Result<void> passed = pass_on(sockets);
  if (passed.has_error()) return passed.error();
  ::execv(program.executable.c_str(), pointers(program.arguments).data());
  const Error error = errno_error("run " + program.executable.string(), errno);
  std::cerr << "carreld: " << error.message << "; going on with the program of before\n";
  ::execv(kThisFile, pointers(program.arguments).data());
  return errno_error("start the program of before again", errno);
}

}  // namespace carrel
