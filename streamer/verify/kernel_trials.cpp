#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

/// Null pointers and bad magic make each of these fail where it is allowed, too; then not with EPERM.
template <long Number>
Seen call(const Given&) {
  return judge(::syscall(Number, 0L, 0L, 0L, 0L, 0L));
}

template <long Number, long First>
Seen call(const Given&) {
  return judge(::syscall(Number, First, 0L, 0L, 0L, 0L));
}

constexpr long kQuery = 0xFFFF'FFFF;

constexpr std::array kTrials = {
    Trial{"start a process", "EPERM",
          [](const Given&) {
            const long child = ::syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
            if (child == 0) {
              ::_exit(0);
            }
            return judge(child);
          }},
    Trial{"start a process, clone3", "EPERM", call<SYS_clone3>},
    Trial{"run a program", "ENOENT",
          [](const Given&) {
            char* const none[] = {nullptr};
            return judge(::execve("/bin/sh", none, none));
          }},
    Trial{"namespace: of users", "EPERM", call<SYS_unshare, CLONE_NEWUSER>},
    Trial{"namespace: of mounts", "EPERM", call<SYS_unshare, CLONE_NEWNS>},
    Trial{"namespace: of the network", "EPERM", call<SYS_unshare, CLONE_NEWNET>},
    Trial{"namespace: enter one", "EPERM", call<SYS_setns>},
    Trial{"trace a process", "EPERM", call<SYS_ptrace, PTRACE_TRACEME>},
    Trial{"read a process's memory", "EPERM", call<SYS_process_vm_readv, 1>},
    Trial{"take a process's descriptors", "EPERM", call<SYS_pidfd_open, 1>},
    Trial{"signal everybody", "EPERM", [](const Given&) { return judge(::kill(-1, 0)); }},
    Trial{"keys: keyctl", "EPERM", call<SYS_keyctl>},
    Trial{"keys: add one", "EPERM", call<SYS_add_key>},
    Trial{"keys: request one", "EPERM", call<SYS_request_key>},
    Trial{"bpf", "EPERM", call<SYS_bpf, 5>},
    Trial{"performance events", "EPERM", call<SYS_perf_event_open>},
    Trial{"io_uring", "EPERM", call<SYS_io_uring_setup, 1>},
    Trial{"faults handled by a program", "EPERM", call<SYS_userfaultfd>},
    Trial{"load a module", "EPERM", call<SYS_init_module>},
    Trial{"load a module by descriptor", "EPERM", call<SYS_finit_module, -1>},
    Trial{"load another kernel", "EPERM", call<SYS_kexec_load>},
    Trial{"reboot", "EPERM", call<SYS_reboot>},
    Trial{"swap", "EPERM", call<SYS_swapon>},
    Trial{"the kernel's log", "EPERM", call<SYS_syslog, 10>},
    Trial{"the host's clock", "EPERM", call<SYS_settimeofday>},
    Trial{"the host's name", "EPERM", call<SYS_sethostname>},
    Trial{"another personality", "EPERM", call<SYS_personality, kQuery>},
    Trial{"watch files of the host", "EPERM", call<SYS_fanotify_init>},
    Trial{"shared memory", "EPERM", call<SYS_shmget>},
    Trial{"a message queue", "EPERM", call<SYS_mq_open>},
    Trial{"splice", "EPERM", call<SYS_vmsplice>},
    Trial{"become root", "EPERM", call<SYS_setresuid>},
    Trial{"become root's group", "EPERM", call<SYS_setresgid>},
    Trial{"take capabilities", "EPERM", call<SYS_capset>},
    Trial{"keep capabilities", "EPERM",
          [](const Given&) { return judge(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)); }},
    Trial{"raise the limit of descriptors", "EPERM",
          [](const Given&) {
            rlimit limit{};
            ::getrlimit(RLIMIT_NOFILE, &limit);
            limit.rlim_max = limit.rlim_cur = limit.rlim_max + 1;
            return judge(::setrlimit(RLIMIT_NOFILE, &limit));
          }},
    Trial{"raise the limit of a file's size", "EPERM",
          [](const Given&) {
            rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
            return judge(::setrlimit(RLIMIT_FSIZE, &limit));
          }},
    Trial{"executable memory", "EPERM",
          [](const Given&) {
            void* const got =
                ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            return judge(got == MAP_FAILED ? -1 : 0);
          }},
};

}  // namespace

std::span<const Trial> kernel_trials() {
  return kTrials;
}

}  // namespace carrel::streamer::verify
