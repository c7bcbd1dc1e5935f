#include "base/available_memory.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace carrel {
namespace {

constexpr std::uint64_t kSane = std::uint64_t{1} << 60;

/// The number behind `skipped` words behind the name that a line begins with.
std::optional<std::uint64_t> number_in(std::string_view text, std::string_view name, int skipped) {
  constexpr std::string_view space = " \t";
  for (auto rest = text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    if (line.empty() || space.find(line.front()) == space.npos) continue;
    for (int word = 0; word < skipped; ++word) {
      line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
      line.remove_prefix(std::min(line.find_first_of(space), line.size()));
    }
    line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
    std::uint64_t number = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
    if (read.ec != std::errc() || number > kSane) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

/// Lines of "name type data"; it shrinks down to c_min.
std::uint64_t given_back(std::string_view arcstats) {
  const auto size = number_in(arcstats, "size", 1);
  const auto least = number_in(arcstats, "c_min", 1);
  return size && least && *size > *least ? *size - *least : 0;
}

}  // namespace

std::optional<std::uint64_t> available_memory(std::string_view meminfo, std::string_view arcstats) {
  const auto kibibytes = number_in(meminfo, "MemAvailable:", 0);
  if (!kibibytes || *kibibytes > kSane >> 10U) return std::nullopt;
  return (*kibibytes << 10U) + given_back(arcstats);
}

}  // namespace carrel
