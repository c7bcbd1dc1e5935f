#include "orchestrator/sandbox/budget.hpp"

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>

namespace carrel::sandbox {

Result<void> fits(const Budget& budget, const Promised& promised, std::optional<std::uint64_t> available) {
  if (budget.cpus > 0 && promised.cpus > budget.cpus) {
    return make_error(ErrorKind::busy, "the booths' share of the processors is taken (admission.cpus)");
  }
  if (budget.memory_bytes > 0 && promised.memory_bytes > budget.memory_bytes) {
    return make_error(ErrorKind::busy, "the booths' share of the memory is taken (admission.memory)");
  }
  if (available && *available < budget.memory_reserve) {
    return make_error(ErrorKind::busy, "the host has only " + std::to_string(*available >> 20U) +
                                           " MiB of memory left (admission.memory_reserve)");
  }
  return {};
}

std::optional<std::uint64_t> parse_available_memory(std::string_view meminfo) {
  constexpr std::string_view key = "MemAvailable:";
  const auto at = meminfo.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = meminfo.substr(at + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::uint64_t kibibytes = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), kibibytes);
  constexpr std::uint64_t sane = std::uint64_t{1} << 50;
  if (read.ec != std::errc() || kibibytes > sane) return std::nullopt;
  return kibibytes << 10U;
}

std::optional<std::uint64_t> read_available_memory() {
  const std::ifstream file("/proc/meminfo");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_available_memory(text.str());
}

}  // namespace carrel::sandbox
