// Not attempts but what the kernel says of this process: one line of /proc each.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

std::string text_of(const char* path) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  std::string text(std::size_t{16} * 1024, '\0');
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

/// The value of `field` in /proc/self/status, without the white space around it.
std::string status_of(std::string_view field) {
  const std::string text = text_of("/proc/self/status");
  const auto at = text.find("\n" + std::string(field) + ":");
  if (at == std::string::npos) {
    return "unknown";
  }
  const auto begin = text.find_first_not_of(" \t", at + field.size() + 2);
  return text.substr(begin, text.find('\n', begin) - begin);
}

Seen is(std::string value, std::string_view wanted) {
  const bool same = value == wanted;
  return {same, std::move(value)};
}

constexpr std::array kTrials = {
    Trial{"capabilities in effect", "0000000000000000",
          [](const Given&) { return is(status_of("CapEff"), "0000000000000000"); }},
    Trial{"capabilities to be had", "0000000000000000",
          [](const Given&) { return is(status_of("CapBnd"), "0000000000000000"); }},
    Trial{"new privileges by running a program", "1 (never)",
          [](const Given&) { return is(status_of("NoNewPrivs"), "1"); }},
    Trial{"system calls are filtered", "2 (by a filter)",
          [](const Given&) { return is(status_of("Seccomp"), "2"); }},
    Trial{"user", "not root",
          [](const Given&) { return Seen{::getuid() != 0, ::getuid() != 0 ? "not root" : "root"}; }},
    Trial{"network interfaces", "lo alone",
          [](const Given&) {
            const std::string devices = text_of("/proc/self/net/dev");
            const auto count = std::ranges::count(devices, ':');
            const bool alone = count == 1 && devices.find("lo:") != std::string::npos;
            return Seen{alone, alone ? "lo" : std::to_string(count) + " interfaces"};
          }},
};

}  // namespace

std::span<const Trial> state_trials() {
  return kTrials;
}

}  // namespace carrel::streamer::verify
