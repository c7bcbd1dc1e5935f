#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/passed_sockets.hpp"
#include "tests/fuzz/lines.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel;
using fuzz::require;

namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kPassed = 20;

/// Something at each number that could be taken, so that names meet descriptors.
void fill_the_numbers() {
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  for (int fd = kFirst; fd < kFirst + kPassed; ++fd) {
    if (fd != nothing.get()) require(::dup2(nothing.get(), fd) == fd);
  }
}

}  // namespace

/// LISTEN_PID ("ours": this process), LISTEN_FDS and LISTEN_FDNAMES, a line each: at most sixteen sockets, no
/// name with a colon, and the variables are gone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string process(fuzz::take_line(text));
  const std::string count(fuzz::take_line(text));
  ::setenv("LISTEN_PID", process == "ours" ? std::to_string(::getpid()).c_str() : process.c_str(), 1);
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  ::setenv("LISTEN_FDNAMES", std::string(text).c_str(), 1);
  fill_the_numbers();
  const auto sockets = take_passed_sockets();
  require(sockets.size() <= 16);
  for (const PassedSocket& one : sockets) {
    require(one.socket.get() >= kFirst && one.socket.get() < kFirst + 16);
    require(one.name.find(':') == std::string::npos);
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    require(std::getenv(name) == nullptr);
  return 0;
}
