#include "orchestrator/sandbox/budget.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include "base/available_memory.hpp"

namespace carrel::sandbox {
namespace {

std::string content_of(const char* file) {
  const std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

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

std::optional<std::uint64_t> read_available_memory() {
  return available_memory(content_of("/proc/meminfo"), content_of("/proc/spl/kstat/zfs/arcstats"));
}

}  // namespace carrel::sandbox
