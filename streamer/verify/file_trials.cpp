#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/unique_fd.hpp"
#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

Seen open_it(const char* path, int flags) {
  const UniqueFd opened(::open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600));
  return judge(opened.get());
}

/// Runtimes put /dev/null over what is to be hidden: opened, but nothing in it.
Seen read_it(const char* path) {
  const UniqueFd opened(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 16> bytes{};
  const ssize_t got = opened ? ::read(opened.get(), bytes.data(), bytes.size()) : -1;
  return got == 0 ? Seen{true, "empty"} : judge(got);
}

constexpr std::array kTrials = {
    Trial{"read the host's user database", "ENOENT",
          [](const Given&) { return open_it("/etc/passwd", O_RDONLY); }},
    Trial{"climb out of the root", "ENOENT",
          [](const Given&) { return open_it("../../../../../../etc/hostname.d/../shadow", O_RDONLY); }},
    Trial{"make a file in the root", "EROFS or EACCES",
          [](const Given&) { return open_it("/made", O_CREAT | O_EXCL | O_WRONLY); }},
    Trial{"make a file in the control directory", "EROFS or EACCES",
          [](const Given&) { return open_it("made", O_CREAT | O_EXCL | O_WRONLY); }},
    Trial{
        "remove the control socket", "EPERM",
        [](const Given&) { return judge(::syscall(SYS_unlinkat, AT_FDCWD, "control.sock", AT_REMOVEDIR)); }},
    Trial{"change the program", "EROFS, EACCES or ETXTBSY",
          [](const Given&) { return open_it("/carrel-streamer", O_WRONLY); }},
    Trial{"reach the engine's socket", "ENOENT",
          [](const Given&) { return open_it("/var/run/docker.sock", O_PATH); }},
    Trial{"open a disk", "ENOENT", [](const Given&) { return open_it("/dev/sda", O_RDONLY); }},
    Trial{"read the machine's memory", "ENOENT", [](const Given&) { return open_it("/dev/mem", O_RDONLY); }},
    Trial{"read the kernel's memory", "empty, EACCES or ENOENT",
          [](const Given&) { return read_it("/proc/kcore"); }},
    Trial{"read the kernel's log", "ENOENT", [](const Given&) { return open_it("/dev/kmsg", O_RDONLY); }},
    Trial{"set where the kernel pipes core files", "EROFS or EACCES",
          [](const Given&) { return open_it("/proc/sys/kernel/core_pattern", O_WRONLY); }},
    Trial{"ask for a reboot by file", "EROFS, EACCES, EPERM or ENOENT",
          [](const Given&) { return open_it("/proc/sysrq-trigger", O_WRONLY); }},
    Trial{"change a setting in /sys", "EROFS, EACCES or ENOENT",
          [](const Given&) { return open_it("/sys/kernel/uevent_helper", O_WRONLY); }},
    Trial{"raise its own limits, cgroup v1", "EROFS, EACCES or ENOENT",
          [](const Given&) { return open_it("/sys/fs/cgroup/memory/memory.limit_in_bytes", O_WRONLY); }},
    Trial{"raise its own limits, cgroup v2", "EROFS, EACCES or ENOENT",
          [](const Given&) { return open_it("/sys/fs/cgroup/memory.max", O_WRONLY); }},
    Trial{"see another process", "ENOENT", [](const Given&) { return open_it("/proc/2/mem", O_RDONLY); }},
    Trial{"open the film for writing", "EACCES, EROFS or ETXTBSY",
          [](const Given& given) {
            return open_it(("/proc/self/fd/" + std::to_string(given.film)).c_str(), O_WRONLY);
          }},
    Trial{"write to the film", "EBADF", [](const Given& given) { return judge(::write(given.film, "", 0)); }},
    Trial{"open a file by handle", "EPERM",
          [](const Given& given) {
            return judge(::syscall(SYS_open_by_handle_at, given.film, nullptr, O_RDONLY));
          }},
    Trial{"mount something", "EPERM",
          [](const Given&) { return judge(::mount("none", "/proc", "tmpfs", 0, nullptr)); }},
    Trial{"change the root", "EPERM", [](const Given&) { return judge(::chroot(".")); }},
    Trial{"make a device", "EPERM",
          [](const Given&) { return judge(::mknod("/made", S_IFCHR | 0600, 0x0101)); }},
    Trial{"make a file in memory", "EPERM",
          [](const Given&) { return judge(::syscall(SYS_memfd_create, "made", 0)); }},
};

}  // namespace

std::span<const Trial> file_trials() {
  return kTrials;
}

}  // namespace carrel::streamer::verify
