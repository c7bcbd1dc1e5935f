#include "streamer/jail/filter.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace carrel::streamer {
namespace {

constexpr std::array kAlways = {
    SCMP_SYS(close),          SCMP_SYS(pread64),    SCMP_SYS(write),     SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),     SCMP_SYS(munmap),     SCMP_SYS(mremap),    SCMP_SYS(brk),
    SCMP_SYS(madvise),        SCMP_SYS(futex),      SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),   SCMP_SYS(exit_group), SCMP_SYS(exit),      SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid),     SCMP_SYS(gettid),
};

constexpr std::array kStreaming = {
    SCMP_SYS(sendfile),  SCMP_SYS(epoll_wait),      SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl), SCMP_SYS(timerfd_settime),
};

constexpr std::array kIndexing = {
    SCMP_SYS(read),
    SCMP_SYS(lseek),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(readv),
    SCMP_SYS(fdatasync),
    SCMP_SYS(sched_getaffinity),
};

constexpr std::array kRefusedToIndexing = {SCMP_SYS(open), SCMP_SYS(openat)};

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};

/// Adds rules one after the other and remembers the first failure, so that the list below reads as a list.
class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {
    note(context_ ? 0 : -ENOMEM);
  }

  void allow(std::span<const int> calls) {
    for (const int call : calls) {
      rule(SCMP_ACT_ALLOW, call, {});
    }
  }
  void allow_if(int call, std::span<const scmp_arg_cmp> conditions) {
    rule(SCMP_ACT_ALLOW, call, conditions);
  }
  void refuse_if(int call, std::span<const scmp_arg_cmp> conditions) {
    rule(SCMP_ACT_ERRNO(EPERM), call, conditions);
  }
  void refuse(std::span<const int> calls) {
    for (const int call : calls) {
      rule(SCMP_ACT_ERRNO(EPERM), call, {});
    }
  }
  void load() {
    if (result_ == 0) {
      // A filter on the other threads too; there are none yet, but none may ever be without it.
      note(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
      note(seccomp_load(context_.get()));
    }
  }
  [[nodiscard]] int result() const { return result_; }

 private:
  void rule(std::uint32_t action, int call, std::span<const scmp_arg_cmp> conditions) {
    if (result_ == 0) {
      note(seccomp_rule_add_array(context_.get(), action, call, static_cast<unsigned>(conditions.size()),
                                  conditions.data()));
    }
  }
  void note(int result) {
    if (result_ == 0 && result < 0) {
      result_ = result;
    }
  }

  std::unique_ptr<void, Release> context_;
  int result_ = 0;
};

scmp_arg_cmp argument_is(unsigned index, std::uint64_t value) {
  return scmp_arg_cmp{index, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp argument_lacks(unsigned index, std::uint64_t bits) {
  return scmp_arg_cmp{index, SCMP_CMP_MASKED_EQ, bits, 0};
}

void allow_memory(Filter& filter) {
  const std::array not_executable = {argument_lacks(2, PROT_EXEC)};
  filter.allow_if(SCMP_SYS(mmap), not_executable);
  filter.allow_if(SCMP_SYS(mprotect), not_executable);
}

/// abort() raises its signal, so that a failed check looks like one and not like an attack.
void allow_abort(Filter& filter) {
  const std::array this_process = {argument_is(0, static_cast<std::uint64_t>(::getpid()))};
  filter.allow_if(SCMP_SYS(tgkill), this_process);
}

void allow_on(Filter& filter, int call, int descriptor) {
  const std::array this_one = {argument_is(0, static_cast<std::uint64_t>(descriptor))};
  filter.allow_if(call, this_one);
}

/// A client's socket belongs to the host's network: connect() would take it elsewhere (after AF_UNSPEC even
/// one that is connected), and receiving would show the client's next request, cookie and all.
void allow_messages(Filter& filter, const OwnDescriptors& own) {
  for (const int control : own.control) {
    allow_on(filter, SCMP_SYS(recvmsg), control);
    allow_on(filter, SCMP_SYS(sendmsg), control);
  }
}

void allow_streaming(Filter& filter, const OwnDescriptors& own) {
  filter.allow(kStreaming);
  allow_on(filter, SCMP_SYS(read), own.ticker);
  for (const int control : own.control) {
    allow_on(filter, SCMP_SYS(connect), control);
    allow_on(filter, SCMP_SYS(shutdown), control);
  }
  // send(), to nobody else: with an address and MSG_FASTOPEN this is another connect().
  const std::array to_its_peer = {argument_lacks(3, MSG_FASTOPEN), argument_is(4, 0), argument_is(5, 0)};
  filter.allow_if(SCMP_SYS(sendto), to_its_peer);
  const std::array cork = {argument_is(1, IPPROTO_TCP), argument_is(2, TCP_CORK)};
  filter.allow_if(SCMP_SYS(setsockopt), cork);
  const std::array flags = {argument_is(1, F_GETFL)};
  filter.allow_if(SCMP_SYS(fcntl), flags);
}

/// Beside the other filter, because one filter cannot both allow a call and refuse it for some descriptors;
/// the kernel takes the stricter word. The lower half is compared, as it is all that the kernel looks at.
int keep_open(const OwnDescriptors& own) {
  constexpr std::uint64_t kDescriptorBits = 0xFFFF'FFFF;
  Filter filter(SCMP_ACT_ALLOW);
  std::vector<int> kept = own.control;
  kept.push_back(own.ticker);
  for (const int descriptor : kept) {
    if (descriptor >= 0) {
      const std::array this_one = {
          scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, kDescriptorBits, static_cast<std::uint64_t>(descriptor)}};
      filter.refuse_if(SCMP_SYS(close), this_one);
    }
  }
  filter.load();
  return filter.result();
}

int allow_work(JailFor purpose, const OwnDescriptors& own) {
  Filter filter(SCMP_ACT_KILL_PROCESS);
  filter.allow(kAlways);
  allow_memory(filter);
  allow_abort(filter);
  allow_messages(filter, own);
  if (purpose == JailFor::streaming) {
    allow_streaming(filter, own);
  } else {
    filter.allow(kIndexing);
    filter.refuse(kRefusedToIndexing);
  }
  filter.load();
  return filter.result();
}

}  // namespace

Result<void> load_filter(JailFor purpose, const OwnDescriptors& own) {
  int result = keep_open(own);
  if (result >= 0) {
    result = allow_work(purpose, own);
  }
  if (result < 0) {
    Error error = errno_error("install the seccomp filters", -result);
    error.message +=
        "; the kernel needs CONFIG_SECCOMP_FILTER and the container's profile must allow seccomp()";
    return error;
  }
  return {};
}

}  // namespace carrel::streamer
