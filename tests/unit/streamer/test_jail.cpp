#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <vector>

#include "streamer/jail/jail.hpp"
#include "streamer/protocol/channel.hpp"
#include "tests/unit/streamer/test_fds.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

constexpr int kNoJail = 99;

/// How a child ends that does `work` in the jail: its exit code (that of `work`), or minus the signal.
int in_jail(JailFor purpose, const std::function<int()>& work, const OwnDescriptors& own = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(enter_jail(purpose, own) ? work() : kNoJail);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int code_of(long result) {
  return result < 0 ? errno : 0;
}

struct Attempt {
  const char* name;
  std::function<int()> work;
};

const std::vector<Attempt>& forbidden_to_all() {
  static const std::vector<Attempt> attempts = {
      {"socket", [] { return code_of(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"socketpair",
       [] {
         int ends[2];
         return code_of(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
       }},
      {"execve",
       [] {
         char* const none[] = {nullptr};
         return code_of(::execve("/bin/true", none, none));
       }},
      {"fork", [] { return code_of(::fork()); }},
      {"ptrace", [] { return code_of(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
      {"kill", [] { return code_of(::kill(::getppid(), 0)); }},
      {"prctl", [] { return code_of(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
      {"bind", [] { return code_of(::bind(0, nullptr, 0)); }},
      {"unlink", [] { return code_of(::unlink("/nonexistent")); }},
      {"executable memory",
       [] {
         const void* got = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return code_of(got == MAP_FAILED ? -1 : 0);
       }},
      {"io_uring", [] { return code_of(::syscall(SYS_io_uring_setup, 1, nullptr)); }},
      {"a process of another",
       [] { return code_of(::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0)); }},
  };
  return attempts;
}

}  // namespace

TEST_CASE("calls beyond the work kill the process") {
  for (const JailFor purpose : {JailFor::streaming, JailFor::indexing}) {
    for (const Attempt& attempt : forbidden_to_all()) {
      CAPTURE(attempt.name);
      CHECK(in_jail(purpose, attempt.work) == -SIGSYS);
    }
  }
}

TEST_CASE("opening a file kills a streamer and fails in a worker") {
  const auto open_one = [] { return code_of(::open("/dev/null", O_RDONLY)); };
  CHECK(in_jail(JailFor::streaming, open_one) == -SIGSYS);
  CHECK(in_jail(JailFor::indexing, open_one) == EPERM);
}

TEST_CASE("a streamer sets no option but the cork, and no descriptor flags") {
  const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  CHECK(in_jail(JailFor::streaming, [&] {
          return code_of(::setsockopt(tcp.get(), IPPROTO_TCP, TCP_CORK, &on, sizeof(on)));
        }) == 0);
  CHECK(in_jail(JailFor::streaming, [&] {
          return code_of(::setsockopt(tcp.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
        }) == -SIGSYS);
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::fcntl(tcp.get(), F_GETFL)); }) == 0);
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::fcntl(tcp.get(), F_SETFL, 0)); }) == -SIGSYS);
}

TEST_CASE("a streamer can do its work") {
  const UniqueFd film = test::film_with("film");
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/control";
  auto listener = protocol::listen_in(folder.fd(), "control");
  auto spare = protocol::make_socket();
  const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  REQUIRE(listener.has_value());
  REQUIRE(spare.has_value());
  const auto work = [&] {
    std::array<char, 4> read{};
    epoll_event event{};
    event.events = EPOLLIN;
    off_t offset = 0;
    const std::vector<char> memory(10U << 20U);
    const bool done = protocol::connect_with(spare->get(), path.c_str()).has_value() &&
                      protocol::send(a.get(), protocol::Hello{}).has_value() &&
                      ::pread(film.get(), read.data(), read.size(), 0) == 4 &&
                      ::sendfile(answer.get(), film.get(), &offset, 4) == 4 &&
                      ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, client.get(), &event) == 0 &&
                      ::epoll_wait(epoll.get(), &event, 1, 1000) == 1 && memory.back() == 0;
    return done ? 0 : 1;
  };
  CHECK(in_jail(JailFor::streaming, work, {{a.get(), spare->get()}, -1}) == 0);
}

TEST_CASE("nothing is read from a client, and its socket is taken nowhere else") {
  auto [control, daemon] = test::socket_pair(SOCK_SEQPACKET);
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  const UniqueFd ticker(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  REQUIRE(::send(client.get(), "GET /", 5, 0) == 5);
  const OwnDescriptors own{{control.get()}, ticker.get()};
  std::array<char, 8> into{};
  sockaddr_in elsewhere{};
  elsewhere.sin_family = AF_INET;
  const auto* address = static_cast<const sockaddr*>(static_cast<const void*>(&elsewhere));
  const std::vector<Attempt> attempts = {
      {"read", [&] { return code_of(::read(answer.get(), into.data(), into.size())); }},
      {"recv", [&] { return code_of(::recv(answer.get(), into.data(), into.size(), MSG_PEEK)); }},
      {"recvmsg",
       [&] {
         iovec data{into.data(), into.size()};
         msghdr header{};
         header.msg_iov = &data;
         header.msg_iovlen = 1;
         return code_of(::recvmsg(answer.get(), &header, 0));
       }},
      {"connect", [&] { return code_of(::connect(answer.get(), address, sizeof(elsewhere))); }},
      {"sendto with an address",
       [&] { return code_of(::sendto(answer.get(), "x", 1, 0, address, sizeof(elsewhere))); }},
      {"fast open", [&] { return code_of(::send(answer.get(), "x", 1, MSG_FASTOPEN)); }},
      {"shutdown", [&] { return code_of(::shutdown(answer.get(), SHUT_RDWR)); }},
      {"dup2 onto its own", [&] { return code_of(::dup2(answer.get(), control.get())); }},
  };
  for (const Attempt& attempt : attempts) {
    CAPTURE(attempt.name);
    CHECK(in_jail(JailFor::streaming, attempt.work, own) == -SIGSYS);
  }
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::close(answer.get())); }, own) == 0);
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::close(control.get())); }, own) == EPERM);
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::close(ticker.get())); }, own) == EPERM);
  const auto wide = static_cast<long>(0x1'0000'0000L + control.get());
  CHECK(in_jail(JailFor::streaming, [&] { return code_of(::syscall(SYS_close, wide)); }, own) == EPERM);
  CHECK(in_jail(
            JailFor::streaming, [&] { return code_of(::read(ticker.get(), into.data(), into.size())); },
            own) == EAGAIN);
}

TEST_CASE("a failed check still ends as an abort, and leaves no core file") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (!enter_jail(JailFor::streaming, OwnDescriptors{})) {
      ::_exit(kNoJail);
    }
    std::abort();
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(!WCOREDUMP(status));
}
