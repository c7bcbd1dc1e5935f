#include "orchestrator/sandbox/docker/lines.hpp"

#include <utility>

namespace carrel::sandbox::docker {

bool Lines::add(std::string_view bytes, std::vector<std::string>& complete) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (part.size() > longest_ - rest_.size()) return false;
    rest_.append(part);
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (rest_.ends_with('\r')) rest_.pop_back();
    if (!rest_.empty()) complete.push_back(std::exchange(rest_, {}));
  }
  return true;
}

}  // namespace carrel::sandbox::docker
