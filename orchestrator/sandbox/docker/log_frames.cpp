#include "orchestrator/sandbox/docker/log_frames.hpp"

#include <cstddef>

namespace carrel::sandbox::docker {
namespace {

constexpr std::size_t kHeadBytes = 8;

std::size_t length_of(std::string_view head) {
  std::size_t length = 0;
  for (const char c : head.substr(4, 4)) length = length << 8U | static_cast<unsigned char>(c);
  return length;
}

}  // namespace

Result<std::string> join_log_frames(std::string_view body) {
  std::string text;
  text.reserve(body.size());
  while (!body.empty()) {
    if (body.size() < kHeadBytes || static_cast<unsigned char>(body.front()) > 2 ||
        length_of(body) > body.size() - kHeadBytes) {
      return make_error(ErrorKind::unavailable, "the engine's answer is no sequence of log frames");
    }
    const std::size_t length = length_of(body);
    text.append(body.substr(kHeadBytes, length));
    body.remove_prefix(kHeadBytes + length);
  }
  return text;
}

}  // namespace carrel::sandbox::docker
