#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "orchestrator/cgroup/location.hpp"
#include "orchestrator/cgroup/values.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::cgroup;
using carrel::fuzz::require;

namespace {

constexpr std::string_view kContainer = "4f5e6d7c8b9a";

void require_below_the_mount(std::string_view path) {
  require(path.starts_with('/'));
  require(path.substr(path.rfind('/')).find(kContainer) != std::string_view::npos);
  require((std::string(path) + "/").find("/../") == std::string::npos);
}

}  // namespace

/// Whatever the kernel's files hold: values that can be, and groups of the container alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_limit_v1(text);
  (void)parse_io_v1(text);
  (void)parse_io_v2(text);
  for (const auto& count :
       {parse_count(text), parse_keyed(text, "oom_kill"), parse_keyed(text, "usage_usec")}) {
    for (const auto& time : {from_nanoseconds(count), from_microseconds(count)}) {
      require(!time || time->count() >= 0);
    }
  }
  if (const auto pressure = parse_pressure(text)) {
    for (const double share : {pressure->some, pressure->full}) require(share >= 0 && share <= 1);
  }
  if (const auto location = parse_location(text, kContainer)) {
    require(!location->v1.empty() || !location->v2.empty());
    if (!location->v2.empty()) require_below_the_mount(location->v2);
    for (const auto& [controller, path] : location->v1) require_below_the_mount(path);
  }
  (void)parse_location("1:memory:/docker/4f5e6d7c8b9a\n", text);
  return 0;
}
