// Ways out of the container, and ways to take more than its share.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "streamer/protocol/channel.hpp"
#include "streamer/verify/trial.hpp"
#include "tests/captive/attack.hpp"

namespace carrel::captive {
namespace {

constexpr std::size_t kChunk = 16U << 20U;
constexpr std::size_t kFloodBytes = 16U << 20U;

/// Every trial of `carrel-streamer verify`, one a line.
std::string trials(const Target& target) {
  std::string lines;
  for (const auto& trial : streamer::verify::all_trials()) {
    const auto seen = trial.attempt({target.client(), target.film()});
    lines += std::string(streamer::verify::as_expected(trial, seen) ? "ok" : "BAD") + "\t" + trial.name +
             "\t" + seen.outcome + "\n";
  }
  return lines;
}

[[noreturn]] void take_all_memory() {
  for (;;) {
    void* const more = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more != MAP_FAILED) {
      std::memset(more, 1, kChunk);
    }
  }
}

std::string hoard_descriptors(const Target& target) {
  std::vector<UniqueFd> hoard;
  for (;;) {
    UniqueFd one(::dup(target.film()));
    if (!one) {
      const std::string why = ::strerrorname_np(errno);
      const std::size_t count = hoard.size();
      hoard.clear();
      return std::to_string(count) + " " + why;
    }
    hoard.push_back(std::move(one));
  }
}

/// How many places take a file.
std::string fill_the_disk() {
  int made = 0;
  for (const char* place : {"/f", "/tmp/f", "/dev/f", "/dev/shm/f", "/run/f", "/run/carrel/f", "/var/tmp/f",
                            "/proc/f", "/sys/f", "/etc/f", "f"}) {
    const UniqueFd file(::open(place, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    made += file ? 1 : 0;
  }
  return std::to_string(made) + " files";
}

std::string flood_the_log() {
  const std::string line(4095, 'x');
  for (std::size_t written = 0; written < kFloodBytes; written += line.size() + 1) {
    static_cast<void>(!::write(STDOUT_FILENO, (line + "\n").data(), line.size() + 1));
  }
  return "written";
}

/// What the control directory shows, and whether a second connection is taken.
std::string look_around() {
  std::string found;
  DIR* const folder = ::opendir("/run/carrel");
  for (const dirent* entry = folder != nullptr ? ::readdir(folder) : nullptr; entry != nullptr;
       entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') {
      found += std::string(entry->d_name) + " ";
    }
  }
  const bool again = protocol::connect_to("control.sock").has_value();
  return found + (again ? "connected again" : "refused");
}

}  // namespace

bool attack_host(Target& target, std::string_view name) {
  if (name == "trials") {
    answer(target, trials(target));
  } else if (name == "memory") {
    take_all_memory();
  } else if (name == "descriptors") {
    answer(target, hoard_descriptors(target));
  } else if (name == "disk") {
    answer(target, fill_the_disk());
  } else if (name == "log") {
    answer(target, flood_the_log());
  } else if (name == "control") {
    answer(target, look_around());
  } else {
    return false;
  }
  return true;
}

}  // namespace carrel::captive
