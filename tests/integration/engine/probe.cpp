// The static program in the test's image: it says what it finds itself in, or behaves as it is told.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

std::string first_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  return std::getline(in, line) ? line : "?";
}

void tell_matching(const char* path, const std::vector<std::string>& starts) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    for (const std::string& start : starts) {
      if (line.starts_with(start)) std::cout << line << '\n';
    }
  }
}

/// A limit as cgroup v2 or v1 tells it.
void tell_limit(const char* name, const char* v2, const char* v1) {
  std::string value = first_line(v2);
  if (value == "?") value = first_line(v1);
  std::cout << name << '=' << value << '\n';
}

void tell_limits() {
  tell_limit("memory", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
  tell_limit("pids", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max");
  tell_limit("cpu", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  tell_limit("swap", "/sys/fs/cgroup/memory.swap.max", "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
}

int report() {
  tell_limits();
  tell_matching("/proc/self/status", {"CapEff:", "CapBnd:", "NoNewPrivs:", "Seccomp:", "Uid:"});
  tell_matching("/proc/self/limits", {"Max open files", "Max core file size"});
  std::cout << "oom=" << first_line("/proc/self/oom_score_adj") << '\n';
  std::ifstream devices("/proc/net/dev");
  for (std::string line; std::getline(devices, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos) std::cout << "device=" << line.substr(0, colon) << '\n';
  }
  const int written = ::open("/written", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::cout << "write=" << (written < 0 ? std::strerror(errno) : "possible") << '\n';
  std::cout << "shm=" << (::access("/dev/shm", F_OK) == 0 ? "present" : "absent") << '\n';
  std::cout << "mount=" << first_line("/mounted/note") << '\n';
  std::cerr << "to standard error\n";
  return 0;
}

/// Tells the limits that hold when SIGUSR1 comes.
int limits_on_signal() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR1);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  std::cout << "ready" << std::endl;
  int signal = 0;
  sigwait(&wanted, &signal);
  tell_limits();
  return 0;
}

[[noreturn]] void wait_for_a_signal() {
  for (;;) ::pause();
}

int eat_memory() {
  std::vector<char*> kept;
  for (;;) {
    constexpr std::size_t kBlock = 1U << 20;
    char* block = static_cast<char*>(std::malloc(kBlock));
    if (block == nullptr) return 1;
    std::memset(block, 1, kBlock);
    kept.push_back(block);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "report") return report();
  if (what == "exit") return std::atoi(argv[2]);
  if (what == "eat") return eat_memory();
  if (what == "limits") return limits_on_signal();
  if (what == "hold") wait_for_a_signal();
  return 64;
}
